"""Backups written as SQL: what psql makes of them, who may have them, and when they go."""

import gzip
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from app.auth.scopes import Scope
from app.exports import tasks
from app.exports.models import Export
from app.exports.steps import making
from app.jobs.models import Job
from app.kit.age import decrypt_stream
from app.kit.clock import utc_now
from app.kit.ids import decode_id, encode_id, new_id
from app.locations.models import Location
from app.postgres.connect import libpq_environment, libpq_secrets
from app.postgres.identifiers import quoted
from app.postgres.process import PIPE, ChildProcess
from app.postgres.toolchain import Ability
from tests.backups.conftest import Shop
from tests.control import KeyFactory, bearer
from tests.restores.conftest import ROWS, SCHEMA

pytestmark = pytest.mark.usefixtures("worker")


async def exported(shop: Shop, backup: dict[str, Any], **wish: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    answer = await shop.post(f"/v1/backups/{backup['id']}/exports", **wish)
    assert answer.status_code == 202, answer.text
    job = await shop.ended(answer.json()["job"])
    return await shop.get(f"/v1/exports/{answer.json()['export']['id']}"), job


async def downloaded(shop: Shop, export: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    answer = await shop.post(f"/v1/exports/{export['id']}/downloads")
    assert answer.status_code == 201, answer.text
    async with httpx.AsyncClient() as client:
        file = await client.get(answer.json()["url"])
    assert file.status_code == 200
    assert len(file.content) == export["size_bytes"]
    return file.content, answer.json()


async def script_of(shop: Shop, backup: dict[str, Any], **wish: Any) -> str:
    export, job = await exported(shop, backup, **{"encryption": "none", "gzip": False, **wish})
    assert job["state"] == "succeeded", job["error"]
    return (await downloaded(shop, export))[0].decode()


async def psql(shop: Shop, script: bytes, name: str) -> None:
    """As anybody would, with the stock client."""
    target = shop.target.with_database(name)
    client = shop.runtime.toolchain.client_for_dump(15, needs=[Ability.TLS])
    async with ChildProcess.started(
        [*client.command("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"],
        env=libpq_environment(target, application_name="test"),
        secrets=libpq_secrets(target),
        stdin=PIPE,
    ) as child:
        assert child.stdin is not None
        child.stdin.write(script)
        await child.stdin.drain()
        child.stdin.close()
        assert await child.wait() == 0, child.stderr_lines


async def test_an_export_loaded_by_psql_holds_what_was_backed_up(shop: Shop, tmp_path: Path) -> None:
    await shop.execute(SCHEMA)
    (backup,) = await shop.take()
    export, job = await exported(shop, backup)
    assert job["state"] == "succeeded", job["error"]
    assert (export["state"], export["encryption"], export["job_id"]) == ("available", "age", job["id"])
    kept = [key for key in await shop.keys() if key.startswith("exports/")]
    assert len(kept) == 1
    assert kept[0].startswith(f"exports/{export['id']}/")
    file, link = await downloaded(shop, export)
    assert link["filename"] == f"{export['id']}.sql.gz.age"
    (key,) = await shop.identities()
    assert export["recipients"] == link["recipients"] == [str(key.recipient)]
    (tmp_path / "x.age").write_bytes(file)
    with (tmp_path / "x.age").open("rb") as source, (tmp_path / "x.sql.gz").open("wb") as sink:
        decrypt_stream(source, sink, [key])
    script = gzip.decompress((tmp_path / "x.sql.gz").read_bytes())
    assert len(script) == export["plain_size_bytes"]
    name = f"loaded_{uuid4().hex[:8]}"
    await shop.execute(f"CREATE DATABASE {name}")
    try:
        await psql(shop, script, name)
        counts = [
            "SELECT count(*) FROM ONLY " + table
            for table in ("sales.customers", "sales.orders", "sales.events_old", "sales.events_new")
        ]
        async with shop.session(name) as session:
            assert sum([await session.fetchval(count) for count in counts]) == ROWS - 3
            assert await session.fetchval("SELECT count(*) FROM pg_largeobject_metadata") == 2
    finally:
        await shop.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_parts_and_tables_are_chosen(shop: Shop) -> None:
    await shop.execute(SCHEMA)
    (backup,) = await shop.take(encryption="none")
    schema = await script_of(shop, backup, parts="schema", no_owner=True)
    assert "CREATE TABLE sales.orders" in schema
    assert "COPY sales" not in schema
    assert "OWNER TO" not in schema
    rows = await script_of(shop, backup, parts="data")
    assert "CREATE TABLE" not in rows
    assert rows.count("COPY sales.") == 6
    tables = [{"schema": "sales", "name": "customers"}]
    one = await script_of(shop, backup, tables=tables)
    assert one.count("COPY sales.") == 1
    assert "CREATE TABLE sales.customers" in one
    assert "customers_pkey PRIMARY KEY" in one
    assert "CREATE TYPE sales.mood" in one
    assert "sales.orders" not in one
    only_rows = await script_of(shop, backup, tables=tables, parts="data")
    assert only_rows.count("COPY sales.") == 1
    assert "CREATE" not in only_rows


async def test_the_parts_of_an_export_are_as_large_as_its_location_needs_them(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed: list[int] = []

    def seen(_size_bytes: int, *, max_parts: int) -> int:
        allowed.append(max_parts)
        return 0

    monkeypatch.setattr(making, "part_bytes_for", seen)
    async with shop.runtime.sessions() as session, session.begin():
        (await session.get_one(Location, shop.location.id)).max_parts = 1000
    (backup,) = await shop.take(schema_only=True)
    _, job = await exported(shop, backup, parts="schema")
    assert (job["state"], allowed) == ("succeeded", [1000])


async def test_a_table_that_the_backup_lacks_fails_the_export_and_leaves_nothing(shop: Shop) -> None:
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS n")
    (backup,) = await shop.take()
    export, job = await exported(shop, backup, tables=[{"schema": "public", "name": "absent"}])
    assert (job["state"], job["error"]["code"]) == ("failed", "TABLE_UNKNOWN")
    assert (export["state"], export["error"]["code"]) == ("failed", "TABLE_UNKNOWN")
    assert not [key for key in await shop.keys() if key.startswith("exports/")]
    assert not await shop.open_uploads()
    refused = await shop.post(f"/v1/exports/{export['id']}/downloads")
    assert (refused.status_code, refused.json()["code"]) == (409, "STATE_INVALID")


async def test_a_damaged_archive_gives_no_export(shop: Shop) -> None:
    await shop.execute("CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 3000) AS n")
    (backup,) = await shop.take()
    store = await shop.store()
    key = (await shop.manifest(backup)).archive_object.key
    file = bytearray(await store.get(key))
    file[-100] ^= 1
    await store.put(key, bytes(file))
    export, job = await exported(shop, backup)
    assert (job["state"], job["error"]["code"], export["state"]) == ("failed", "COPY_DAMAGED", "failed")
    assert not [key for key in await shop.keys() if key.startswith("exports/")]
    assert not await shop.open_uploads()


async def test_an_export_goes_by_itself_when_it_expires_or_when_it_is_told_to(shop: Shop) -> None:
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS n")
    (backup,) = await shop.take()
    first, _ = await exported(shop, backup)
    second, _ = await exported(shop, backup, keep_days=1)
    await tasks.watch(shop.runtime)
    assert (await shop.get(f"/v1/exports/{first['id']}"))["state"] == "available"
    async with shop.runtime.sessions() as session, session.begin():
        expired = update(Export).where(col(Export.id) == decode_id("exp", first["id"]))
        await session.exec(expired.values(expires_at=utc_now() - timedelta(seconds=1)))
    await tasks.watch(shop.runtime)
    leaving = await shop.get(f"/v1/exports/{first['id']}")
    await shop.ended(await shop.get(f"/v1/jobs/{leaving['job_id']}"))
    assert (await shop.get(f"/v1/exports/{first['id']}"))["state"] == "deleted"
    answer = await shop.delete(f"/v1/exports/{second['id']}")
    assert answer.status_code == 202, answer.text
    await shop.ended(answer.json()["job"])
    assert not [key for key in await shop.keys() if key.startswith("exports/")]
    listed = await shop.get(f"/v1/backups/{backup['id']}/exports")
    assert [(one["id"], one["state"]) for one in listed["data"]] == [
        (second["id"], "deleted"),
        (first["id"], "deleted"),
    ]
    assert (await shop.get(f"/v1/backups/{backup['id']}"))["state"] == "available"


async def test_nothing_is_deleted_under_an_export(shop: Shop) -> None:
    """Not its backup while it is made, and not the location while it lies there."""
    await shop.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS n")
    (backup,) = await shop.take()
    export, job = await exported(shop, backup)
    ended = update(Job).where(col(Job.id) == decode_id("job", job["id"]))
    async with shop.runtime.sessions() as session, session.begin():
        row = await session.get_one(Job, decode_id("job", job["id"]))
        finished_at = row.finished_at
        later = utc_now() + timedelta(hours=1)
        await session.exec(ended.values(state="queued", finished_at=None, run_after=later))
    refused = await shop.delete(f"/v1/backups/{backup['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "HAS_DEPENDENTS")
    async with shop.runtime.sessions() as session, session.begin():
        await session.exec(ended.values(state="succeeded", finished_at=finished_at))
    accepted = await shop.delete(f"/v1/backups/{backup['id']}?confirm={backup['id']}")
    await shop.ended(accepted.json()["job"])
    location = f"/v1/locations/{encode_id('loc', shop.location.id)}"
    refused = await shop.delete(location)
    assert (refused.status_code, refused.json()["code"]) == (409, "HAS_DEPENDENTS")
    await shop.ended((await shop.delete(f"/v1/exports/{export['id']}")).json()["job"])
    assert (await shop.delete(location)).is_success


async def test_data_leave_by_keys_that_may_download_only(shop: Shop, key_factory: KeyFactory) -> None:
    await shop.execute("CREATE TABLE t (n int)")
    (backup,) = await shop.take(schema_only=True)
    path = f"/v1/backups/{backup['id']}/exports"
    weak = bearer(await key_factory(Scope.BACKUPS_READ, Scope.BACKUPS_WRITE, Scope.BACKUPS_RESTORE))
    once = {"Idempotency-Key": uuid4().hex}
    denied = await shop.client.post(path, json={}, headers=weak | once)
    assert (denied.status_code, denied.json()["required_scope"]) == (403, "backups:download")
    impossible = await shop.post(path)
    assert (impossible.status_code, impossible.json()["code"]) == (422, "EXPORT_IMPOSSIBLE")
    elsewhere = await shop.post(path, parts="schema", location_id=encode_id("loc", new_id()))
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "NOT_FOUND")


async def test_other_projects_see_neither_exports_nor_copies(shop: Shop, key_factory: KeyFactory) -> None:
    await shop.execute("CREATE TABLE t (n int)")
    (backup,) = await shop.take()
    export, _ = await exported(shop, backup, parts="schema")
    stranger = bearer(await key_factory(*Scope, projects=[new_id()]))
    database = encode_id("db", shop.database.id)
    copy = {"target_database_id": database, "name": "mine"}
    asked: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", f"/v1/exports/{export['id']}", None),
        ("GET", f"/v1/backups/{backup['id']}/exports", None),
        ("POST", f"/v1/backups/{backup['id']}/exports", {}),
        ("POST", f"/v1/exports/{export['id']}/downloads", {}),
        ("DELETE", f"/v1/exports/{export['id']}", None),
        ("POST", f"/v1/databases/{database}:copy-into", copy),
        ("GET", f"/v1/projects/{encode_id('prj', shop.project_id)}/escrow-recipients", None),
        ("PUT", f"/v1/projects/{encode_id('prj', shop.project_id)}/escrow-recipients", {"recipients": []}),
    ]
    for method, path, body in asked:
        headers = stranger | {"Idempotency-Key": uuid4().hex}
        answer = await shop.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == 404, f"{method} {path}: {answer.text}"


async def test_unruly_names_are_exported_as_they_are(shop: Shop) -> None:
    name = 'Ünruly "" name; %s\n'
    await shop.execute(f"CREATE TABLE {quoted(name)} AS SELECT 1 AS n")
    (backup,) = await shop.take()
    script = await script_of(shop, backup, tables=[{"schema": "public", "name": name}])
    assert f"COPY public.{quoted(name)}" in script
