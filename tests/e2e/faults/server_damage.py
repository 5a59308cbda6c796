"""Stored bytes that changed after they were written: nothing of them is ever put in place."""

from collections.abc import Callable
from typing import Any

from app.storage.store import ObjectStore
from tests.e2e.faults import fault
from tests.e2e.faults.server_side import (
    back_up,
    free_name,
    mended,
    names,
    not_restored,
    restore,
    restored,
    scratch,
    taken,
)
from tests.e2e.world import World

_TABLE = "CREATE TABLE kept AS SELECT i AS id, md5(i::text) AS body FROM generate_series(1, 20000) AS i"


@fault
async def an_encrypted_archive_with_a_flipped_bit_is_never_restored(world: World) -> None:
    await damaged(world, "age", flipped)


@fault
async def a_plain_archive_with_a_flipped_bit_is_never_restored(world: World) -> None:
    await damaged(world, "none", flipped)


@fault
async def an_encrypted_archive_that_was_cut_off_is_never_restored(world: World) -> None:
    await damaged(world, "age", cut_off)


@fault
async def a_plain_archive_that_was_cut_off_is_never_restored(world: World) -> None:
    await damaged(world, "none", cut_off)


@fault
async def a_plain_archive_with_something_behind_its_end_is_never_restored(world: World) -> None:
    await damaged(world, "none", lambda archive, _: archive + b"-")


@fault
async def an_empty_archive_is_never_restored(world: World) -> None:
    await damaged(world, "age", lambda _archive, _place: b"")


@fault
async def a_damaged_archive_never_takes_the_place_of_the_database(world: World) -> None:
    async with scratch(world, sql=_TABLE) as name:
        backup, store, key = await stored(world, name, "age")
        await store.put(key, flipped(await store.get(key), 0.7))
        oid = "SELECT oid FROM pg_database WHERE datname = current_database()"
        before = await world.value(oid, name=name)
        accepted = await world.start_restore(backup["id"], {"kind": "in_place"})
        await not_restored(world, accepted, "COPY_DAMAGED", retryable=False)
        assert await world.value(oid, name=name) == before
        assert await world.value("SELECT count(*) FROM kept", name=name) == 20_000
        assert [other for other in await names(world) if other.startswith(name) and other != name] == []


@fault
async def a_manifest_in_the_bucket_that_was_garbled_harms_no_restore(world: World) -> None:
    """The service has its own; the one in the bucket is for whoever has lost that."""
    async with scratch(world, sql=_TABLE) as name, free_name(world) as new:
        backup, store, _ = await stored(world, name, "age")
        (key,) = [one.key async for one in store.list() if one.key.endswith(f"{backup['id']}/manifest.json")]
        manifest = await store.get(key)
        await store.put(key, manifest[: len(manifest) // 2])
        try:
            await restored(world, await restore(world, backup["id"], new))
        finally:
            await store.put(key, manifest)


async def damaged(world: World, encryption: str, damage: Callable[[bytes, float], bytes]) -> None:
    """At a random place. It is not read again before it was found right, and then the same backup is restored."""
    async with scratch(world, sql=_TABLE) as name, free_name(world) as new:
        backup, store, key = await stored(world, name, encryption)
        archive = await store.get(key)
        await store.put(key, damage(archive, world.random.random()))
        try:
            problem = await not_restored(
                world, await restore(world, backup["id"], new), "COPY_DAMAGED", retryable=False
            )
            assert problem["key"] == key
            assert key in problem["detail"]
        finally:
            await store.put(key, archive)
        target = {"kind": "logical_database", "name": new}
        refusal = await world.post("/v1/restores", {"backup_id": backup["id"], "target": target}, expect=409)
        assert refusal["code"] == "COPY_MISSING"
        await mended(world, backup["id"], world.location)
        await restored(world, await restore(world, backup["id"], new))


async def stored(world: World, name: str, encryption: str) -> tuple[dict[str, Any], ObjectStore, str]:
    """A new backup, and where its archive lies."""
    backup = await taken(world, await back_up(world, logical_databases=[name], encryption=encryption))
    store = await world.bucket()
    (key,) = [one.key async for one in store.list() if f"/{backup['id']}/" in one.key and "/archive-" in one.key]
    return backup, store, key


def flipped(archive: bytes, place: float) -> bytes:
    at = int(len(archive) * place)
    return archive[:at] + bytes([archive[at] ^ 0x10]) + archive[at + 1 :]


def cut_off(archive: bytes, place: float) -> bytes:
    return archive[: int(len(archive) * place)]
