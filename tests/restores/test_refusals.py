"""What is known at once is an answer and not a failed job."""

from typing import Any
from uuid import uuid4

import pytest

from app.auth.scopes import Scope
from app.kit.ids import decode_id, encode_id, new_id
from app.locations.holdings import BackupManifest
from tests.control import KeyFactory, bearer
from tests.restores.conftest import Restorer


@pytest.fixture
def somewhere(free_name: str) -> dict[str, Any]:
    return {"kind": "logical_database", "name": free_name}


async def jobs_of_restores(restorer: Restorer) -> int:
    jobs = await restorer.shop.get("/v1/jobs?kind=restore.run")
    return len(jobs["data"])


async def test_a_name_that_exists_on_the_server(restorer: Restorer, backup: dict[str, Any]) -> None:
    name = restorer.shop.target.database
    problem = await restorer.refused(backup, {"kind": "logical_database", "name": name})
    assert (problem["status"], problem["code"]) == (409, "NAME_TAKEN")
    assert await jobs_of_restores(restorer) == 0


async def test_a_name_that_cannot_be(restorer: Restorer, backup: dict[str, Any]) -> None:
    for name in ("", "x" * 64, "nul\0", "template0", "pgm_rst_x"):
        problem = await restorer.refused(backup, {"kind": "logical_database", "name": name})
        assert problem["status"] == 422, name


async def test_extensions_that_the_server_cannot_create(
    restorer: Restorer, backup: dict[str, Any], somewhere: dict[str, Any]
) -> None:
    extensions = [{"name": "no_such_thing", "version": "1", "schema": "public"}]
    await forge(restorer, backup, extensions=extensions)
    problem = await restorer.refused(backup, somewhere)
    assert (problem["status"], problem["code"], problem["extensions"]) == (
        422,
        "EXTENSION_UNAVAILABLE",
        ["no_such_thing"],
    )


async def test_an_archive_of_a_newer_client_than_the_target(
    restorer: Restorer, backup: dict[str, Any], somewhere: dict[str, Any]
) -> None:
    manifest = await restorer.shop.manifest(backup)
    await forge(restorer, backup, versions=manifest.versions.model_dump() | {"client_major": 16})
    problem = await restorer.refused(backup, somewhere)
    assert (problem["status"], problem["code"]) == (422, "VERSION_UNSUPPORTED")


async def test_a_compression_that_no_client_here_reads(
    restorer: Restorer, backup: dict[str, Any], somewhere: dict[str, Any]
) -> None:
    manifest = await restorer.shop.manifest(backup)
    await forge(restorer, backup, compression={"algorithm": "lz4", "level": 1}, versions=manifest.versions.model_dump())
    problem = await restorer.refused(backup, somewhere)
    assert (problem["status"], problem["code"]) == (422, "TOOLCHAIN_MISSING")
    assert "postgresql-client-15" in problem["detail"]


async def test_rows_without_their_tables(restorer: Restorer, backup: dict[str, Any], somewhere: dict[str, Any]) -> None:
    assert (await restorer.refused(backup, somewhere, parts="data"))["code"] == "RESTORE_IMPOSSIBLE"
    (data_only,) = await restorer.shop.take(data_only=True)
    assert (await restorer.refused(data_only, somewhere))["code"] == "RESTORE_IMPOSSIBLE"


async def test_selected_tables(restorer: Restorer, backup: dict[str, Any], somewhere: dict[str, Any]) -> None:
    unknown = await restorer.refused(backup, somewhere, tables=[{"schema": "sales", "name": "Orders"}])
    assert (unknown["status"], unknown["code"]) == (422, "TABLE_UNKNOWN")
    orders = [{"schema": "sales", "name": "orders"}]
    unclear: list[dict[str, Any]] = [{"tables": wish} for wish in (["sales.orders"], [{"name": "orders"}], [])]
    unclear += [{"target": {"kind": "in_place"}, "tables": orders}, {"target": {"kind": "tables"}}]
    unclear += [
        {"target": {"kind": "tables", "into_schema": name}, "tables": orders} for name in ("pg_x", "public", "")
    ]
    for wish in unclear:
        problem = await restorer.refused(backup, wish.pop("target", somewhere), **wish)
        assert problem["code"] == "VALIDATION_FAILED", wish
    absent = {"kind": "tables", "logical_database": "nowhere at all"}
    assert (await restorer.refused(backup, absent, tables=orders))["code"] == "DATABASE_ABSENT"


async def test_a_role_map_that_goes_nowhere(
    restorer: Restorer, backup: dict[str, Any], somewhere: dict[str, Any]
) -> None:
    problem = await restorer.refused(backup, somewhere, owner_mode="map", role_map={"postgres": "nobody at all"})
    assert (problem["status"], problem["code"], problem["roles"]) == (422, "ROLE_MISSING", ["nobody at all"])
    for options in ({"owner_mode": "map"}, {"role_map": {"a": "b"}}):
        assert (await restorer.refused(backup, somewhere, **options))["code"] == "VALIDATION_FAILED"


async def test_a_backup_that_is_not_there_or_not_good(
    restorer: Restorer, backup: dict[str, Any], somewhere: dict[str, Any]
) -> None:
    unknown = {"id": encode_id("bak", new_id())}
    assert (await restorer.refused(unknown, somewhere))["status"] == 404
    accepted = await restorer.shop.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}")
    assert accepted.status_code == 202
    problem = await restorer.refused(backup, somewhere)
    assert (problem["status"], problem["code"]) in {(404, "NOT_FOUND"), (409, "STATE_INVALID")}


async def test_a_safety_backup_without_a_place_to_keep_it(restorer: Restorer, backup: dict[str, Any]) -> None:
    shop = restorer.shop
    async with shop.runtime.sessions() as session, session.begin():
        (await session.get_one(type(shop.location), shop.location.id)).is_default = False
    problem = await restorer.refused(backup, {"kind": "in_place"})
    assert (problem["status"], problem["code"]) == (409, "SAFETY_BACKUP_IMPOSSIBLE")


async def test_keys_without_the_scope_or_the_project(
    restorer: Restorer, backup: dict[str, Any], somewhere: dict[str, Any], key_factory: KeyFactory
) -> None:
    client = restorer.shop.client
    wish = {"backup_id": backup["id"], "target": somewhere}
    headers = {"Idempotency-Key": uuid4().hex}
    reader = await key_factory(Scope.BACKUPS_READ, Scope.BACKUPS_WRITE)
    assert (await client.post("/v1/restores", json=wish, headers=headers | bearer(reader))).status_code == 403
    stranger = await key_factory(Scope.BACKUPS_RESTORE, projects=[new_id()])
    assert (await client.post("/v1/restores", json=wish, headers=headers | bearer(stranger))).status_code == 404
    maker = {"kind": "new_database", "name": "copy"}
    restorer_only = await key_factory(Scope.BACKUPS_RESTORE)
    answer = await client.post("/v1/restores", json=wish | {"target": maker}, headers=headers | bearer(restorer_only))
    assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_MISSING")


async def test_a_request_without_an_idempotency_key(
    restorer: Restorer, backup: dict[str, Any], somewhere: dict[str, Any]
) -> None:
    wish = {"backup_id": backup["id"], "target": somewhere}
    answer = await restorer.shop.client.post("/v1/restores", json=wish, headers=restorer.shop.headers)
    assert answer.status_code == 400


async def forge(restorer: Restorer, backup: dict[str, Any], **changes: Any) -> None:
    """Changes what the control database knows of a backup."""
    async with restorer.shop.runtime.sessions() as session, session.begin():
        row = await session.get_one(BackupManifest, decode_id("bak", backup["id"]))
        row.manifest = row.manifest | changes
