"""Certificates of servers over HTTP and by the worker's look: pinned where they are proven, told where they are not."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from app.auth.models import AuditEvent
from app.auth.scopes import Scope
from app.connections import certificate_looking, certificate_watching, certificates
from app.connections.certificate_watching import has_renewed, watch_certificates
from app.connections.models import Certificate
from app.databases.access import target_of
from app.databases.models import Database
from app.events.models import Alert, DomainEvent
from app.kit.ids import encode_id
from app.postgres import channel_binding
from app.postgres.certificate_facts import CertificateFacts
from app.postgres.certificates import Issued, issue_root
from app.postgres.connect import Target, TlsMode
from app.postgres.errors import TlsFailed
from app.runtime import Runtime
from tests.connections.showing import ShowingServer, in_between, issued, showing
from tests.control import KeyFactory, bearer
from tests.databases.records import add_database, create_project, somewhere
from tests.sessions import connect

__all__ = ["showing"]

Get = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests is not what is tested."""
    monkeypatch.setattr(certificate_looking, "_SECONDS", 60.0)
    monkeypatch.setattr(certificate_watching, "SECONDS_OF_A_LOOK", 120.0)
    monkeypatch.setattr(channel_binding, "_SECONDS", 60.0)


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
async def fresh(showing: ShowingServer) -> ShowingServer:
    root = issue_root("a root of its own")
    await showing.show(issued(root), root=root)
    return showing


async def adopted(runtime: Runtime, project_id: UUID, target: Target) -> Database:
    return await add_database(runtime, project_id, target=target, provider="external")


async def looked(runtime: Runtime, database: Database) -> Database:
    """As it is after the look of a worker."""
    async with runtime.sessions() as session, session.begin():
        if (row := await session.get(Certificate, database.id)) is not None:
            row.look_at = runtime.clock() - timedelta(seconds=1)
    await watch_certificates(runtime)
    async with runtime.sessions() as session:
        return await session.get_one(Database, database.id)


async def open_alerts(runtime: Runtime) -> set[str]:
    async with runtime.sessions() as session:
        return set((await session.exec(select(Alert.type).where(col(Alert.cleared_at).is_(None)))).all())


async def get(client: httpx.AsyncClient, headers: dict[str, str], database: Database) -> dict[str, Any]:
    answer = await client.get(f"/v1/databases/{encode_id('db', database.id)}/certificate", headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def pin(
    client: httpx.AsyncClient, headers: dict[str, str], database: Database, query: str = "", **wish: str
) -> httpx.Response:
    path = f"/v1/databases/{encode_id('db', database.id)}/certificate:pin{query}"
    return await client.post(path, json=wish, headers=headers)


def fingerprint(root: Issued) -> str:
    return CertificateFacts.of_pem(root.certificate_pem.decode()).fingerprint


async def logs_in(runtime: Runtime, database: Database) -> TlsMode:
    target = target_of(database, runtime.key_ring)
    async with connect(target, application_name="test") as session:
        assert await session.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    return target.tls


async def test_a_root_is_pinned_by_itself_once_a_login_with_channel_binding_has_proven_it(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, fresh: ShowingServer
) -> None:
    database = await adopted(runtime, project_id, fresh.target)
    before = await get(client, as_admin, database)
    assert (before["state"], before["pinned"], before["seen_at"] is None) == ("unpinned", None, False)
    assert before["root"]["fingerprint"] == fingerprint(fresh.root)

    database = await looked(runtime, database)
    assert (database.tls_mode, database.ca_pem) == ("verify-ca", fresh.root_pem)
    assert await logs_in(runtime, database) is TlsMode.VERIFY_CA
    after = await get(client, as_admin, database)
    assert (after["state"], after["reason"], after["pinned_by"]) == ("trusted", None, "automatic")
    assert after["pinned"]["pem"] == fresh.root_pem
    assert after["shown"]["names"] == ["localhost", "127.0.0.1", "::1"]
    async with runtime.sessions() as session:
        event = (await session.exec(select(DomainEvent).where(DomainEvent.type == "certificate.pinned"))).one()
        trail = (await session.exec(select(AuditEvent).where(AuditEvent.action == "pin_certificate"))).one()
    assert event.data["fingerprint"] == trail.details["fingerprint"] == fingerprint(fresh.root)
    assert trail.actor == "worker"


async def test_a_renewed_certificate_under_a_new_root_is_pinned_anew(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer
) -> None:
    database = await looked(runtime, await adopted(runtime, project_id, fresh.target))
    first, renewed = fresh.root_pem, issue_root("the renewed root")
    await fresh.show(issued(renewed), root=renewed)
    database = await looked(runtime, database)
    assert (database.tls_mode, database.ca_pem) == ("verify-ca", fresh.root_pem)
    assert database.ca_pem != first
    assert await open_alerts(runtime) == set()


async def test_in_a_cluster_the_roots_of_other_members_stay_pinned_beside_the_new_one(
    runtime: Runtime,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    project_id: UUID,
    fresh: ShowingServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def yes(*_: object) -> bool:
        return True

    monkeypatch.setattr(certificates, "is_in_cluster", yes)
    database = await looked(runtime, await adopted(runtime, project_id, fresh.target))
    one, other = fresh.root, issue_root("of the member that leads now")
    await fresh.show(issued(other), root=other)
    database = await looked(runtime, database)
    both = other.certificate_pem.decode() + one.certificate_pem.decode()
    assert (database.ca_pem, database.tls_mode) == (both, "verify-ca")
    view = await get(client, as_admin, database)
    assert (view["pinned"]["pem"], view["pinned"]["fingerprint"]) == (both, fingerprint(other))
    assert await logs_in(runtime, database) is TlsMode.VERIFY_CA

    await fresh.show(issued(one), root=one)  # and back
    assert await logs_in(runtime, database) is TlsMode.VERIFY_CA
    assert (await looked(runtime, database)).ca_pem == both
    assert await open_alerts(runtime) == set()


async def test_a_job_that_meets_a_renewed_certificate_has_it_looked_at_and_goes_on(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer
) -> None:
    database = await looked(runtime, await adopted(runtime, project_id, fresh.target))
    assert not await has_renewed(runtime, database)
    renewed = issue_root("the renewed root")
    await fresh.show(issued(renewed), root=renewed)
    with pytest.raises(TlsFailed):
        await logs_in(runtime, database)
    assert await has_renewed(runtime, database)
    async with runtime.sessions() as session:
        assert await logs_in(runtime, await session.get_one(Database, database.id)) is TlsMode.VERIFY_CA


async def test_what_cannot_be_proven_is_told_and_jobs_go_on_until_somebody_confirms_it(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, fresh: ShowingServer
) -> None:
    database = await looked(runtime, await adopted(runtime, project_id, fresh.target))
    other = issue_root("another root")
    await fresh.show(issued(other), root=other, root_beside=False)
    database = await looked(runtime, database)
    assert await logs_in(runtime, database) is TlsMode.REQUIRE
    assert await open_alerts(runtime) == {"certificate.changed"}
    view = await get(client, as_admin, database)
    assert (view["state"], view["tls_mode"], view["root"]) == ("changed", "require", None)

    unknown = await pin(client, as_admin, database, fingerprint=fingerprint(other))
    assert (unknown.status_code, unknown.json()["code"]) == (409, "CERTIFICATE_ROOT_UNKNOWN")
    third = issue_root("a third root")
    unfit = await pin(client, as_admin, database, fingerprint=fingerprint(third), ca_pem=third.certificate_pem.decode())
    assert (unfit.status_code, unfit.json()["code"]) == (409, "CERTIFICATE_ROOT_UNFIT")
    wish = {"fingerprint": fingerprint(other).upper(), "ca_pem": fresh.root_pem}
    tried = await pin(client, as_admin, database, "?dry_run=true", **wish)
    assert (tried.status_code, tried.json()["state"]) == (200, "trusted"), tried.text
    assert (await looked(runtime, database)).tls_mode == "require"

    pinned = await pin(client, as_admin, database, **wish)
    assert (pinned.status_code, pinned.json()["pinned_by"]) == (200, "confirmed"), pinned.text
    assert await open_alerts(runtime) == set()
    database = await looked(runtime, database)
    assert (await logs_in(runtime, database), database.ca_pem) == (TlsMode.VERIFY_CA, fresh.root_pem)


async def test_the_fingerprint_that_is_confirmed_must_be_that_of_the_root(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, fresh: ShowingServer
) -> None:
    database = await adopted(runtime, project_id, fresh.target)
    wrong = await pin(client, as_admin, database, fingerprint="ab" * 32)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "CERTIFICATE_FINGERPRINT_MISMATCH")
    assert wrong.json()["fingerprint"] == fingerprint(fresh.root)
    assert (await pin(client, as_admin, database, fingerprint="ab")).status_code == 422
    right = await pin(client, as_admin, database, fingerprint=fingerprint(fresh.root))
    assert (right.status_code, right.json()["tls_mode"]) == (200, "verify-ca"), right.text


async def test_who_stands_in_between_with_a_certificate_of_his_own_is_never_pinned(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer
) -> None:
    theirs = issue_root("somebody else")
    async with in_between(fresh.target, issued(theirs), theirs) as port:
        target = replace(fresh.target, port=port)
        async with connect(target, application_name="test") as session:  # which is what `require` does not notice
            assert await session.fetchval("SELECT 1") == 1
        database = await looked(runtime, await adopted(runtime, project_id, target))
        assert (database.ca_pem, database.tls_mode) == (None, "require")
        async with runtime.sessions() as session_:
            row = await session_.get_one(Certificate, database.id)
    assert (row.state, row.root_pem) == ("unpinned", theirs.certificate_pem.decode())
    assert row.reason is not None
    assert "channel binding" in row.reason


async def test_a_pin_that_its_owner_gave_is_neither_replaced_nor_loosened(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer
) -> None:
    given = fresh.root_pem
    database = await adopted(runtime, project_id, replace(fresh.target, tls=TlsMode.VERIFY_CA, ca_pem=given))
    other = issue_root("another root")
    await fresh.show(issued(other), root=other)
    database = await looked(runtime, database)
    assert (database.ca_pem, database.tls_mode) == (given, "verify-ca")
    assert await open_alerts(runtime) == {"certificate.changed"}
    back = issue_root("a root of its own")
    await fresh.show(issued(back), root=back)


@pytest.mark.parametrize(
    ("days_ago", "alerts", "state"),
    [
        (710, {"certificate.expiring"}, "trusted"),
        (725, {"certificate.expiring", "certificate.nearly_expired"}, "trusted"),
        (731, {"certificate.expiring", "certificate.nearly_expired"}, "expired"),
    ],
)
async def test_what_expires_is_told_a_month_and_a_week_before(
    runtime: Runtime, project_id: UUID, fresh: ShowingServer, days_ago: int, alerts: set[str], state: str
) -> None:
    root = fresh.root
    database = await looked(runtime, await adopted(runtime, project_id, fresh.target))
    await fresh.show(issued(root, days_ago=days_ago), root=root)
    database = await looked(runtime, database)
    assert await open_alerts(runtime) == alerts
    async with runtime.sessions() as session:
        assert (await session.get_one(Certificate, database.id)).state == state
    assert await logs_in(runtime, database) is (TlsMode.REQUIRE if state == "expired" else TlsMode.VERIFY_CA)

    await fresh.show(issued(root), root=root)
    database = await looked(runtime, database)
    assert await open_alerts(runtime) == set()
    assert await logs_in(runtime, database) is TlsMode.VERIFY_CA


async def test_a_server_that_is_not_reached_is_shown_as_it_was_seen_last(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    database = await add_database(runtime, project_id, target=somewhere(host="127.0.0.1", port=1), provider="external")
    view = await get(client, as_admin, await looked(runtime, database))
    assert (view["state"], view["seen_at"], view["shown"]) == ("unseen", None, None)
    assert "127.0.0.1:1" in view["reason"]


async def test_a_server_of_ours_is_pinned_from_its_making_and_by_nobody_else(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, fresh: ShowingServer
) -> None:
    target = replace(fresh.target, tls=TlsMode.VERIFY_FULL, ca_pem=fresh.root_pem)
    database = await add_database(runtime, project_id, target=target, host_id=runtime.host_id)
    database = await looked(runtime, database)
    view = await get(client, as_admin, database)
    assert (view["state"], view["tls_mode"], view["pinned_by"]) == ("trusted", "verify-full", None)
    refused = await pin(client, as_admin, database, fingerprint=fingerprint(fresh.root))
    assert (refused.status_code, refused.json()["code"]) == (409, "PROVIDER_CANNOT")


async def test_pinning_needs_the_scope_of_writing(
    runtime: Runtime, client: httpx.AsyncClient, key_factory: KeyFactory, project_id: UUID
) -> None:
    database = await add_database(runtime, project_id, target=somewhere(), provider="external")
    reader = bearer(await key_factory(Scope.CONNECTIONS_READ))
    assert (await pin(client, reader, database, fingerprint="ab" * 32)).status_code == 403
