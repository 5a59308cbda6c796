"""Logins that change their own password: of a role, of an application that cannot wait, and the one that we use."""

import pytest
from pydantic import SecretStr

from app.auth.scopes import Scope
from app.connections.logins import new_password, seal_login_password
from app.connections.models import Login, LoginKind, LoginState
from app.databases.access import password_of
from app.jobs.claim import claim
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.enqueue import Target, enqueue
from app.jobs.execution import Execution
from app.jobs.worker import WorkerOptions
from app.kit.clock import utc_now
from app.postgres.cluster import Cluster
from app.postgres.errors import QueryFailed
from app.postgres.identifiers import literal, quoted
from app.postgres.scram import verifier
from app.rotations.steps.immediate import ImmediateSteps
from tests.jobs.kinds import flow
from tests.rotations.conftest import Rotator, a_login, give_login, working
from tests.sessions import connect


class Dump(JobArgs, kind="test.rotations.dump", conflict=ConflictClass.BACKUP, scope=Scope.BACKUPS_WRITE):
    pass


UNRULY = 'o\'brien "ops" % and/or Ünruly'


async def a_role(rotator: Rotator, name: str, password: SecretStr) -> Login:
    login = a_login(rotator.database, name, LoginKind.ROLE, LoginState.CURRENT)
    login.password_sealed = seal_login_password(login.id, password, rotator.runtime.key_ring)
    async with rotator.runtime.sessions() as session, session.begin():
        session.add(login)
    return login


@pytest.fixture
async def unruly(rotator: Rotator) -> str:
    name = f"{UNRULY} {rotator.database.id.hex[-6:]}"
    await give_login(rotator.admin, name, (password := new_password()))
    await a_role(rotator, name, password)
    return name


@pytest.mark.usefixtures("worker")
async def test_a_login_of_any_name_gets_another_password(rotator: Rotator, unruly: str) -> None:
    former = rotator.password((await rotator.logins())[unruly])
    plan = (await rotator.rotate(unruly, query="?dry_run=true"))["plan"]
    assert (plan["strategy"], plan["role"], plan["next_role"]) == ("immediate", unruly, unruly)
    assert "refused" in plan["outage"]
    assert await rotator.works(unruly, former)
    job = await rotator.rotated(unruly)
    assert (job["result"]["role"], job["result"]["strategy"]) == (unruly, "immediate")
    login = (await rotator.logins())[unruly]
    assert (login.state, login.next_password_sealed) == ("current", None)
    assert await rotator.works(unruly, rotator.password(login))
    assert not await rotator.works(unruly, former)


@pytest.mark.usefixtures("worker")
async def test_an_md5_hash_is_replaced_by_a_scram_verifier(rotator: Rotator, unruly: str) -> None:
    password = new_password()
    async with connect(rotator.admin, application_name="test") as session:
        await session.execute("SET password_encryption = 'md5'")
        clear = literal(password.get_secret_value())
        await session.execute(f"SET log_statement = 'none'; ALTER ROLE {quoted(unruly)} PASSWORD {clear}")
    kept = f"SELECT left(rolpassword, 5) FROM pg_authid WHERE rolname = {literal(unruly)}"
    assert (await rotator.ask(kept))[:3] == "md5"
    await rotator.rotated(unruly)
    assert await rotator.ask(kept) == "SCRAM"


@pytest.mark.usefixtures("worker")
async def test_an_application_that_cannot_wait_keeps_its_login(rotator: Rotator) -> None:
    former = await rotator.current()
    before = rotator.password(former)
    await rotator.rotated("app", strategy="immediate")
    assert await rotator.states() == {"a": "current", "b": "disabled"}
    assert await rotator.works(former.role, rotator.password(await rotator.current()))
    assert not await rotator.works(former.role, before)


@pytest.mark.usefixtures("worker")
async def test_the_login_that_we_use_is_rotated_and_nothing_of_it_stands_in_the_log(
    rotator: Rotator, rotation_server: Cluster
) -> None:
    role = rotator.database.username or ""
    former = password_of(rotator.database, rotator.runtime.key_ring)
    job = await rotator.rotated(role)
    assert job["result"]["role"] == role
    now = password_of(await rotator.row(), rotator.runtime.key_ring)
    assert now != former
    assert await rotator.ours_works()
    assert not await rotator.works(role, former)
    assert role not in await rotator.logins()
    log = rotation_server.files.log.read_text()
    assert f"ALTER ROLE {quoted(role)} PASSWORD 'SCRAM-SHA-256$" in log
    assert now.get_secret_value() not in log
    assert former.get_secret_value() not in log
    again = await rotator.rotated(role)
    assert again["state"] == "succeeded"
    assert await rotator.ours_works()


@pytest.mark.usefixtures("worker")
async def test_what_fails_before_anybody_was_told_puts_the_former_password_back(
    rotator: Rotator, unruly: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def publish(*_: object) -> None:
        raise QueryFailed("as if")

    monkeypatch.setattr(ImmediateSteps, "publish", publish)
    ours = rotator.database.username or ""
    former = password_of(rotator.database, rotator.runtime.key_ring)
    for role, password in ((ours, former), (unruly, rotator.password((await rotator.logins())[unruly]))):
        job = await rotator.ended(await rotator.rotate(role))
        assert (job["state"], job["error"]["code"]) == ("failed", "SQL_ERROR"), job["error"]
        assert await rotator.works(role, password)
    assert password_of(await rotator.row(), rotator.runtime.key_ring) == former
    assert ours not in await rotator.logins()
    assert (await rotator.logins())[unruly].next_password_sealed is None


@pytest.mark.usefixtures("worker")
async def test_which_of_two_passwords_works_is_found_out_after_a_rotation_that_could_not_be_undone(
    rotator: Rotator,
) -> None:
    """The server has the new one, our row the former one, and the record of both is all that is left."""
    role, new = rotator.database.username or "", new_password()
    login = a_login(rotator.database, role, LoginKind.SUPERUSER, LoginState.PENDING)
    former = password_of(rotator.database, rotator.runtime.key_ring)
    login.password_sealed = seal_login_password(login.id, former, rotator.runtime.key_ring)
    login.next_password_sealed = seal_login_password(login.id, new, rotator.runtime.key_ring, is_next=True)
    async with rotator.runtime.sessions() as session, session.begin():
        session.add(login)
    await rotator.ask(f"ALTER ROLE {quoted(role)} PASSWORD {literal(verifier(new))}")
    assert not await rotator.ours_works()
    await rotator.rotated(role)
    assert await rotator.ours_works()
    assert not await rotator.works(role, new)
    assert role not in await rotator.logins()


async def test_the_login_that_we_use_waits_for_the_dumps_that_use_it(rotator: Rotator) -> None:
    async with rotator.runtime.sessions() as session, session.begin():
        await enqueue(session, Dump(), created_by="test", targets=[Target(rotator.database.id, "shop")])
    claimant = WorkerOptions(host_id=rotator.runtime.host_id)
    (dump,) = (await claim(rotator.runtime.sessions, claimant, [Dump.kind], limit=1)).jobs
    async with working(rotator.runtime):
        accepted = await rotator.rotate(rotator.database.username or "")
        await rotator.waiting(accepted, "backups and restores")
        await Execution(dump, flow(Dump), rotator.runtime.sessions, utc_now).drive()
        job = await rotator.ended(accepted)
    assert job["state"] == "succeeded", job["error"]
