"""Temporary credentials: given once, of use until their end, and gone after it whatever dies in between."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import col, select

from app.auth.models import AuditEvent, IdempotencyKey
from app.connections import temporary
from app.connections.models import Login, LoginState
from app.databases.models import Database, DatabaseState
from app.databases.reach import Reach
from app.events.models import Alert, DomainEvent
from app.jobs.machine import Programmes
from app.jobs.models import Job
from app.jobs.worker import JobWorker, WorkerOptions
from app.postgres.errors import PrivilegeMissing
from app.postgres.role_facts import role
from app.roles import steps
from app.roles.schemas import EndTemporaryCredential
from app.roles.tasks import programmes, watch
from app.runtime import Runtime
from tests.planted import plant
from tests.roles.conftest import Call, Shop

WHERE = "/temporary-credentials"
WISH: dict[str, Any] = {"ttl_seconds": 3600, "preset": "write", "schemas": ["shop"], "reason": "look into ticket 7"}


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[None]:
    stop = asyncio.Event()
    options = WorkerOptions(host_id=runtime.host_id, grace_seconds=0, poll_seconds=0.1)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            JobWorker(
                sessions=runtime.sessions,
                listener=runtime.listener,
                programmes=Programmes(*programmes(runtime)),
                options=options,
                clock=runtime.clock,
            ).run(stop)
        )
        yield
        stop.set()


async def expire(runtime: Runtime) -> None:
    """Time passes for all of them."""
    async with runtime.sessions() as session, session.begin():
        past = runtime.clock() - timedelta(seconds=1)
        await session.exec(update(Login).values(expires_at=past, created_at=past - timedelta(hours=1)))


async def ended(runtime: Runtime) -> Login:
    async with asyncio.timeout(90):
        while True:
            async with runtime.sessions() as session:
                login = (await session.exec(select(Login))).one()
            if login.state == LoginState.ENDED:
                return login
            await asyncio.sleep(0.05)


async def there(shop: Shop, name: str) -> bool:
    async with shop.session() as session:
        return await role(session, name) is not None


async def test_a_credential_is_shown_once_and_lets_in(shop: Shop, call: Call, runtime: Runtime) -> None:
    tried = (await call("POST", f"{WHERE}?dry_run=true", WISH, expect=201)).json()
    assert (tried["password"], tried["withheld"]) == (None, ["password"])
    once = {"Idempotency_Key": "once"}
    made = await call("POST", WHERE, WISH | {"address_note": "the office"}, expect=201, **once)
    view = made.json()
    password = SecretStr(plant("the password of a temporary credential", view["password"]))
    assert made.headers["location"].endswith(view["id"])
    assert any("people" in warning for warning in view["warnings"])
    async with shop.session(view["username"], password) as session:
        await session.execute("INSERT INTO shop.item (name) VALUES ('x')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await session.execute("SELECT * FROM other.secret")
    until = await shop.value("SELECT rolvaliduntil FROM pg_roles WHERE rolname = $1", view["username"])
    assert until.isoformat() == view["expires_at"].replace("Z", "+00:00")
    again = (await call("POST", WHERE, WISH | {"address_note": "the office"}, expect=201, **once)).json()
    assert (again["id"], again["password"], again["withheld"]) == (view["id"], None, ["password"])
    listed = (await call("GET", WHERE)).json()["data"]
    assert [(one["id"], one["state"], one["reason"]) for one in listed] == [(view["id"], "current", WISH["reason"])]
    one = await call("GET", f"{WHERE}/{view['id']}")
    assert (one.json()["address_note"], "password" in one.json()) == ("the office", False)
    await call("GET", f"{WHERE}/{view['id']}", expect=304, If_None_Match=one.headers["etag"])
    async with runtime.sessions() as session:
        assert len((await session.exec(select(IdempotencyKey))).all()) == 1
        assert len((await session.exec(select(Login))).all()) == 1


async def test_what_cannot_be_given_is_refused_and_nothing_is_made(shop: Shop, call: Call, runtime: Runtime) -> None:
    for change, code in (
        ({"schemas": ["nowhere"]}, "SCHEMA_MISSING"),
        ({"preset": "owner"}, "VALIDATION_FAILED"),
        ({"ttl_seconds": 8 * 86_400}, "VALIDATION_FAILED"),
        ({"ttl_seconds": 1}, "VALIDATION_FAILED"),
    ):
        assert (await call("POST", WHERE, WISH | change, expect=422)).json()["code"] == code
    async with runtime.sessions() as session:
        assert (await session.exec(select(Login))).all() == []


async def test_at_its_end_sessions_are_ended_and_what_was_made_is_kept(
    shop: Shop, call: Call, runtime: Runtime, worker: None
) -> None:
    view = (await call("POST", WHERE, WISH | {"preset": "migrate"}, expect=201)).json()
    password = SecretStr(plant("the password of a temporary credential", view["password"]))
    async with shop.session(view["username"], password) as session:
        await session.execute("SET ROLE NONE; CREATE TABLE shop.left_behind (id integer)")
        await watch(runtime)
        assert (await call("GET", f"{WHERE}/{view['id']}")).json()["job_id"] is None  # its time has not come
        await expire(runtime)
        await watch(runtime)
        await watch(runtime)  # another worker's, at the same time
        login = await ended(runtime)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await session.fetchval("SELECT 1")
    assert not await there(shop, view["username"])
    assert await shop.value("SELECT tableowner FROM pg_tables WHERE tablename = 'left_behind'") == "postgres"
    job = await last_job(runtime)
    assert (login.job_id, job.state) == (job.id, "succeeded")
    assert "belong to postgres now" in job.warnings[0]
    async with runtime.sessions() as own:
        events = (await own.exec(select(DomainEvent).where(col(DomainEvent.type).like("credential.%")))).all()
        trail = (await own.exec(select(AuditEvent).where(AuditEvent.action == "credential.end"))).all()
    assert sorted(event.type for event in events) == ["credential.created", "credential.ended"]
    assert len(trail) == 1


@pytest.mark.parametrize("place", ["make", "shut_out", "remove"])
async def test_whatever_dies_the_role_goes(
    shop: Shop, call: Call, runtime: Runtime, worker: None, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """While it is made, and while it is ended by its giver: the row is found, and the rest is done."""

    async def killed(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    if place == "make":
        with monkeypatch.context() as patch, pytest.raises(asyncio.CancelledError):
            patch.setattr(temporary, place, killed)
            await call("POST", WHERE, WISH, expect=201)
        await expire(runtime)
    else:
        view = (await call("POST", WHERE, WISH, expect=201)).json()
        with monkeypatch.context() as patch, pytest.raises(asyncio.CancelledError):
            patch.setattr(temporary, place, killed)
            await call("DELETE", f"{WHERE}/{view['id']}", expect=204)
    await watch(runtime)
    login = await ended(runtime)
    assert not await there(shop, login.role)


async def test_an_end_that_fails_is_told_until_it_succeeds(
    shop: Shop, call: Call, runtime: Runtime, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object) -> None:
        raise PrivilegeMissing("somebody took our rights away")

    await call("POST", WHERE, WISH, expect=201)
    await expire(runtime)
    with monkeypatch.context() as patch:
        patch.setattr(steps, "end_temporary", refused)
        await watch(runtime)
        assert (await last_job(runtime)).state == "failed"
    await watch(runtime)  # too early: nothing is begun, and nobody is told
    assert await open_alerts(runtime) == []
    async with runtime.sessions() as session, session.begin():
        await session.exec(update(Job).values(finished_at=runtime.clock() - timedelta(minutes=11)))
    await watch(runtime)
    assert await open_alerts(runtime) == ["credential.overdue"]
    await ended(runtime)
    assert await open_alerts(runtime) == []


async def last_job(runtime: Runtime) -> Job:
    """Of those that end credentials, once it has ended itself."""
    async with asyncio.timeout(90):
        while True:
            query = select(Job).where(Job.kind == EndTemporaryCredential.kind).order_by(col(Job.id).desc()).limit(1)
            async with runtime.sessions() as session:
                job = (await session.exec(query)).one()
            if job.finished_at:
                return job
            await asyncio.sleep(0.05)


async def open_alerts(runtime: Runtime) -> list[str]:
    async with runtime.sessions() as session:
        return list((await session.exec(select(Alert.type).where(col(Alert.cleared_at).is_(None)))).all())


async def test_it_is_ended_before_its_time_and_twice_is_fine(shop: Shop, call: Call, runtime: Runtime) -> None:
    view = (await call("POST", WHERE, WISH, expect=201)).json()
    await call("DELETE", f"{WHERE}/{view['id']}?dry_run=true", expect=204)
    assert await there(shop, view["username"])
    for _ in range(2):
        await call("DELETE", f"{WHERE}/{view['id']}", expect=204)
    assert not await there(shop, view["username"])
    assert (await call("GET", f"{WHERE}/{view['id']}")).json()["state"] == "ended"


async def test_with_its_database_it_ends_by_itself(
    shop: Shop, call: Call, runtime: Runtime, database: Database, client: httpx.AsyncClient
) -> None:
    await call("POST", WHERE, WISH, expect=201)
    await expire(runtime)
    async with runtime.sessions() as session, session.begin():
        (await session.get_one(Database, database.id)).reach = Reach.NONE
    await watch(runtime)  # nobody could end it, and so nobody tries
    async with runtime.sessions() as session, session.begin():
        assert (await session.exec(select(Job))).all() == []
        (await session.get_one(Database, database.id)).state = DatabaseState.DELETED
    await watch(runtime)
    assert (await ended(runtime)).job_id is None
