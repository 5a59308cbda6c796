"""A database copied into another one, pg_dump piped into pg_restore: nothing in between, counted on the dump's snapshot."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from random import SystemRandom
from typing import Final

from app.errors import Problem
from app.postgres.archive import ArchiveIndex, ArchiveIndexer, Compression
from app.postgres.connect import Target, TlsMode
from app.postgres.dump import LOCK_WAIT_SECONDS, DumpClient, LocksOvertaken, started_dump
from app.postgres.relations import Name, RelationKind, Selection
from app.postgres.restore import Telling, Wish, restore_archive
from app.postgres.snapshot import HeldSnapshot, held_snapshot, lock_report
from app.postgres.toolchain import Ability, Installation, Toolchain

_ATTEMPTS: Final = 6  # of getting all locks without somebody else in between
_EVERYTHING: Final = Selection()
_random = SystemRandom()


class TransferIncomplete(Problem):
    status, code, title = 500, "COPY_INCOMPLETE", "pg_dump left out tables"


@dataclass(frozen=True, slots=True)
class Way:
    """From where to where, by which programs."""

    source: Target
    source_major: int
    target: Target
    target_major: int
    dump_client: DumpClient
    restore_client: Installation
    application_name: str
    run_as: tuple[int, int] | None
    count_timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Counted:
    """On the snapshot: what the copy must hold."""

    rows: dict[Name, int]
    sequences: dict[Name, int | None]
    large_objects: int
    warnings: list[str]


def clients_for(
    toolchain: Toolchain, *, source: Target, source_major: int, target: Target, target_major: int
) -> tuple[DumpClient, Installation]:
    """Raises VersionUnsupported for a target that is older than the client that dumps, and ToolMissing."""
    chosen = DumpClient.choose(toolchain, source, server_major=source_major, level=0)
    # Compressing for a pipe would only cost time at both ends.
    dump_client = DumpClient(chosen.installation, Compression.NONE, 0)
    needs = [] if target.tls in (TlsMode.DISABLE, TlsMode.PREFER) else [Ability.TLS]
    restore_client = toolchain.client_for_restore(
        dump_client.installation.major, target_major, dump_client.compression, needs=needs
    )
    return dump_client, restore_client


async def transfer(way: Way, wish: Wish, telling: Telling) -> Counted:
    """Into a target that is empty, and is to be made anew when this fails.

    The tables of the source stay locked for reading until the end.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        async with held_snapshot(
            way.source, _EVERYTHING, server_major=way.source_major, application_name=way.application_name
        ) as snapshot:
            try:
                return await _transferred(way, wish, telling, snapshot)
            except LocksOvertaken:
                # pg_dump locks before it writes, so the target is empty still.
                timeout = await lock_report(snapshot.picked, way.source, LOCK_WAIT_SECONDS)
                if attempt == _ATTEMPTS:
                    raise timeout from None
        await asyncio.sleep(_random.uniform(0, attempt))
    raise AssertionError


async def _transferred(way: Way, wish: Wish, telling: Telling, snapshot: HeldSnapshot) -> Counted:
    # Before the dump reads them: its values are these or later ones.
    sequences = await snapshot.sequences()
    indexer = ArchiveIndexer()
    warnings: list[str] = []
    counting = asyncio.get_running_loop().create_task(_count(snapshot, way.count_timeout_seconds))
    try:
        async with aclosing(_dumped(way, snapshot, indexer, warnings)) as archive:
            warnings += await restore_archive(
                archive,
                way.target,
                way.restore_client,
                wish,
                header_length=0,
                server_major=way.target_major,
                application_name=way.application_name,
                run_as=way.run_as,
                telling=telling,
            )
        rows, large_objects = await counting
    finally:
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)
    index = indexer.finish()
    in_archive = {(entry.namespace or "", entry.tag) for entry in index.entries if entry.desc == "SEQUENCE SET"}
    return Counted(
        rows=_reconciled(rows, index, snapshot),
        sequences={name: value for name, value in sorted(sequences.items()) if name in in_archive},
        large_objects=large_objects,
        warnings=warnings,
    )


async def _dumped(
    way: Way, snapshot: HeldSnapshot, indexer: ArchiveIndexer, warnings: list[str]
) -> AsyncGenerator[bytes]:
    """Ends well only when pg_dump did, so that pg_restore never sees the end of an archive that is not whole."""
    async with started_dump(
        way.dump_client,
        way.source,
        snapshot_id=snapshot.snapshot_id,
        arguments=_EVERYTHING.arguments(snapshot.picked, snapshot.found),
        application_name=way.application_name,
        run_as=way.run_as,
    ) as dump:
        while chunk := await dump.read():
            await asyncio.to_thread(indexer.feed, chunk)
            yield chunk
        warnings += await dump.finish()


async def _count(snapshot: HeldSnapshot, timeout_seconds: float) -> tuple[dict[Name, int], int]:
    """In the session that holds the locks: in another one it would queue up behind whoever waits for them to end."""
    large_objects = await snapshot.large_objects()
    rows = {}
    for table in snapshot.picked:
        if table.kind is RelationKind.TABLE:
            rows[table.key] = await snapshot.count(table, timeout_seconds=timeout_seconds)
    return rows, large_objects


def _reconciled(rows: dict[Name, int], index: ArchiveIndex, snapshot: HeldSnapshot) -> dict[Name, int]:
    """Rows of the tables whose data came along; those of extensions do so only where the extension says it."""
    archived = {(table.schema, table.name) for table in index.tables()}
    optional = {relation.key for relation in snapshot.picked if relation.is_member}
    missing = rows.keys() - archived - optional
    if missing:
        names = ", ".join(".".join(name) for name in sorted(missing)[:10])
        raise TransferIncomplete(f"pg_dump left out {len(missing)} tables of the snapshot: {names}.")
    return {name: count for name, count in sorted(rows.items()) if name in archived}
