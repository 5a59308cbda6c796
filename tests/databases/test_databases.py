from dataclasses import replace
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from app.auth.models import AuditEvent
from app.auth.scopes import PRESETS, Preset, Scope
from app.databases.models import DatabaseState
from app.databases.repository import DatabaseRepository
from app.db.sql import run_sql
from app.kit.ids import encode_id, new_id
from app.postgres.connect import Target, TlsMode
from app.runtime import Runtime
from tests.control import ControlServer, KeyFactory, bearer
from tests.databases.records import add_database, create_project, somewhere


def path_of(database_id: UUID) -> str:
    return f"/v1/databases/{encode_id('db', database_id)}"


def plain_target(control: ControlServer) -> Target:
    """The control server, which speaks no TLS, in the part of a managed one."""
    return replace(control.cluster.target, tls=TlsMode.DISABLE, ca_pem=None)


async def names(client: httpx.AsyncClient, headers: dict[str, str], query: str = "") -> list[str]:
    answer = await client.get(f"/v1/databases?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return [entry["name"] for entry in answer.json()["data"]]


async def test_a_database_shows_where_it_is_and_no_password(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    database = await add_database(runtime, project_id, target=somewhere())
    answer = await client.get(path_of(database.id), headers=as_admin)
    assert answer.status_code == 200
    view = answer.json()
    assert (view["id"], view["project_id"]) == (encode_id("db", database.id), encode_id("prj", project_id))
    assert (view["host"], view["port"], view["default_database"]) == ("db.internal", 5432, "railway")
    assert not [member for member in view if "password" in member]
    assert "p@ss" not in answer.text


async def test_an_unchanged_database_is_not_sent_again(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    database = await add_database(runtime, project_id)
    tag = (await client.get(path_of(database.id), headers=as_admin)).headers["etag"]
    assert (await client.get(path_of(database.id), headers=as_admin | {"If-None-Match": tag})).status_code == 304
    async with runtime.sessions() as session, session.begin():
        await DatabaseRepository(session).move(
            database.id, frm={DatabaseState.CREATING}, to=DatabaseState.FAILED, state_reason="no disk"
        )
    changed = await client.get(path_of(database.id), headers=as_admin | {"If-None-Match": tag})
    assert (changed.status_code, changed.json()["state_reason"]) == (200, "no disk")


async def test_lists_are_filtered(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    other = await create_project(client, as_admin, "other")
    first = await add_database(runtime, project_id, "first", labels={"team": "a", "tier": "1:2"})
    await add_database(runtime, project_id, "second", provider="external", labels={"team": "a"}, target=somewhere())
    await add_database(runtime, other, "third", state=DatabaseState.DELETED)
    assert await names(client, as_admin) == ["second", "first"]
    assert await names(client, as_admin, "state=deleted&state=creating") == ["third", "first"]
    assert await names(client, as_admin, f"project_id={encode_id('prj', other)}") == []
    assert await names(client, as_admin, f"environment_id={encode_id('env', first.environment_id)}&limit=1") == [
        "second"
    ]
    assert await names(client, as_admin, "provider=external") == ["second"]
    assert await names(client, as_admin, "label=team:a") == ["second", "first"]
    assert await names(client, as_admin, "label=team:a&label=tier:1:2") == ["first"]
    assert await names(client, as_admin, "label=team:b") == []


@pytest.mark.parametrize("query", ["label=team", "label=a:%00", "state=lost", "provider=heroku", "project_id=prj_1"])
async def test_a_filter_that_makes_no_sense_is_named(
    client: httpx.AsyncClient, as_admin: dict[str, str], query: str
) -> None:
    answer = await client.get(f"/v1/databases?{query}", headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAMETER_INVALID")


async def test_lists_come_in_pages_and_a_cursor_belongs_to_its_filters(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    for name in ("a", "b", "c"):
        await add_database(runtime, project_id, name)
    page = (await client.get("/v1/databases?limit=2&state=creating", headers=as_admin)).json()
    assert [entry["name"] for entry in page["data"]] == ["c", "b"]
    assert await names(client, as_admin, f"limit=2&state=creating&cursor={page['next_cursor']}") == ["a"]
    elsewhere = await client.get(f"/v1/databases?limit=2&cursor={page['next_cursor']}", headers=as_admin)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (400, "CURSOR_INVALID")


async def test_a_database_of_another_project_does_not_exist(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, key_factory: KeyFactory, runtime: Runtime
) -> None:
    other = await create_project(client, as_admin, "other")
    foreign = await add_database(runtime, other, "foreign", target=somewhere())
    own = await add_database(runtime, project_id, "own")
    headers = bearer(await key_factory(*PRESETS[Preset.ADMIN], projects=[project_id]))
    assert await names(client, headers) == ["own"]
    for database_id in (foreign.id, new_id()):
        path = path_of(database_id)
        for answer in (
            await client.get(path, headers=headers),
            await client.patch(path, json={"name": "mine"}, headers=headers),
            await client.get(f"{path}/variables", headers=headers),
            await client.get(f"{path}/logical-databases", headers=headers),
            await client.get(f"{path}/events", headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert (await client.get(path_of(own.id), headers=headers)).status_code == 200


async def test_name_labels_and_protection_change_and_are_told(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    database = await add_database(runtime, project_id, labels={"team": "a", "tier": "1"})
    before = await client.get(path_of(database.id), headers=as_admin)
    wish = {"name": "orders", "protected": True, "labels": {"team": "b"}}
    changed = await client.patch(
        path_of(database.id), json=wish, headers=as_admin | {"If-Match": before.headers["etag"]}
    )
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in wish} == wish
    assert changed.json()["updated_at"] > before.json()["updated_at"]
    late = await client.patch(
        path_of(database.id), json={"name": "late"}, headers=as_admin | {"If-Match": before.headers["etag"]}
    )
    assert (late.status_code, late.json()["code"]) == (412, "PRECONDITION_FAILED")
    events = (await client.get(f"{path_of(database.id)}/events", headers=as_admin)).json()["data"]
    assert [(event["type"], event["data"]["changed"]) for event in events] == [
        ("database.updated", ["labels", "name", "protected"])
    ]


async def test_two_databases_of_an_environment_have_two_names(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    await add_database(runtime, project_id, "orders")
    database = await add_database(runtime, project_id, "main")
    answer = await client.patch(path_of(database.id), json={"name": "orders"}, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "NAME_TAKEN")


@pytest.mark.parametrize("state", [DatabaseState.DELETING, DatabaseState.DELETED])
async def test_a_database_that_goes_away_cannot_be_changed(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime, state: DatabaseState
) -> None:
    database = await add_database(runtime, project_id, state=state)
    answer = await client.patch(path_of(database.id), json={"protected": True}, headers=as_admin)
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "STATE_INVALID", state)


@pytest.mark.parametrize(
    "wish",
    [
        {"labels": {"Team": "a"}},
        {"labels": {"team": "a\u0000"}},
        {"labels": {f"key{number}": "" for number in range(33)}},
        {"state": "available"},
        {"name": "a/b"},
    ],
)
async def test_a_change_that_cannot_be_is_refused(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime, wish: dict[str, object]
) -> None:
    database = await add_database(runtime, project_id)
    answer = await client.patch(path_of(database.id), json=wish, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")


async def test_variables_are_masked_unless_revealed_and_a_reveal_is_written_down(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    database = await add_database(runtime, project_id, target=somewhere())
    masked = await client.get(f"{path_of(database.id)}/variables", headers=as_admin)
    assert masked.headers["cache-control"] == "no-store"
    assert masked.json()["variables"] == {
        "DATABASE_URL": "postgresql://postgres:***@db.internal:5432/railway",
        "PGHOST": "db.internal",
        "PGPORT": "5432",
        "PGUSER": "postgres",
        "PGPASSWORD": "***",
        "PGDATABASE": "railway",
        "PGSSLMODE": "prefer",
        "POSTGRES_USER": "postgres",
        "POSTGRES_PASSWORD": "***",
        "POSTGRES_DB": "railway",
    }
    revealed = await client.get(f"{path_of(database.id)}/variables?reveal=true", headers=as_admin)
    assert revealed.headers["cache-control"] == "no-store"
    variables = revealed.json()["variables"]
    assert variables["PGPASSWORD"] == variables["POSTGRES_PASSWORD"] == "p@ss/word%*"
    assert variables["DATABASE_URL"] == "postgresql://postgres:p%40ss%2Fword%25*@db.internal:5432/railway"
    async with runtime.sessions() as session:
        query = select(AuditEvent).where(col(AuditEvent.action) == "reveal_database_variables")
        (row,) = (await session.exec(query)).all()
    assert (row.target_id, row.project_id) == (encode_id("db", database.id), project_id)


async def test_a_reveal_that_cannot_be_written_down_reveals_nothing(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    database = await add_database(runtime, project_id, target=somewhere())
    async with runtime.sessions() as session, session.begin():
        await run_sql(session, text("DROP TABLE audit_event"))
    answer = await client.get(f"{path_of(database.id)}/variables?reveal=true", headers=as_admin)
    assert answer.status_code == 500
    assert "p@ss" not in answer.text


async def test_a_revealed_connection_string_connects(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime, control: ControlServer
) -> None:
    database = await add_database(runtime, project_id, target=plain_target(control))
    answer = await client.get(f"{path_of(database.id)}/variables?reveal=true", headers=as_admin)
    variables = answer.json()["variables"]
    connection = await asyncpg.connect(variables["DATABASE_URL"])
    try:
        assert await connection.fetchval("SELECT current_database()") == variables["PGDATABASE"]
    finally:
        await connection.close()


async def test_who_may_not_see_secrets_sees_masks_only(
    client: httpx.AsyncClient, project_id: UUID, runtime: Runtime, key_factory: KeyFactory
) -> None:
    database = await add_database(runtime, project_id, target=somewhere())
    headers = bearer(await key_factory(Scope.CONNECTIONS_READ))
    assert (await client.get(f"{path_of(database.id)}/variables", headers=headers)).json()["revealed"] is False
    refused = await client.get(f"{path_of(database.id)}/variables?reveal=true", headers=headers)
    assert (refused.status_code, refused.json()["required_scope"]) == (403, "secrets:reveal")
    assert "p@ss" not in refused.text


async def test_an_address_of_ipv6_and_a_tls_mode_stand_in_the_url(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    target = somewhere(host="fd12::1", tls=TlsMode.VERIFY_FULL, database="a/b")
    database = await add_database(runtime, project_id, target=target)
    answer = await client.get(f"{path_of(database.id)}/variables", headers=as_admin)
    expected = "postgresql://postgres:***@[fd12::1]:5432/a%2Fb?sslmode=require"  # what verifies needs a file
    assert answer.json()["variables"]["DATABASE_URL"] == expected


async def test_a_database_without_an_address_has_no_variables_yet(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    database = await add_database(runtime, project_id)
    for path in ("variables", "logical-databases"):
        answer = await client.get(f"{path_of(database.id)}/{path}", headers=as_admin)
        assert (answer.status_code, answer.json()["code"]) == (409, "STATE_INVALID")
        assert answer.json()["state"] == "creating"


async def test_the_server_is_asked_for_its_databases(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime, control: ControlServer
) -> None:
    database = await add_database(runtime, project_id, target=plain_target(control))
    answer = await client.get(f"{path_of(database.id)}/logical-databases", headers=as_admin)
    assert answer.status_code == 200
    found = {entry["name"]: entry for entry in answer.json()["data"]}
    assert found["postgres"]["size_bytes"] > 1_000_000
    assert found["postgres"]["encoding"] == "UTF8"
    assert "template0" not in found
    assert "template1" not in found


async def test_a_server_that_is_away_answers_503(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    database = await add_database(runtime, project_id, target=somewhere(host="127.0.0.1", port=1))
    answer = await client.get(f"{path_of(database.id)}/logical-databases", headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNREACHABLE")
    assert answer.json()["retryable"] is True
