"""One dump: from a held snapshot through pg_dump into an upload, indexed, hashed, encrypted and counted on the way."""

import asyncio
import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom
from typing import Final

import structlog

from app.backups.errors import ArchiveIncomplete
from app.backups.steps.watching import Meter, watch
from app.errors import Problem
from app.kit.age import AgeEncryptor, Recipient
from app.locations.manifest import DumpOptions
from app.postgres.archive import ArchiveIndex, ArchiveIndexer
from app.postgres.connect import Connections, Target
from app.postgres.constraints import Constraints, read_constraints
from app.postgres.dump import LOCK_WAIT_SECONDS, DumpClient, LocksOvertaken, started_dump
from app.postgres.facts import DatabaseFacts, database_facts
from app.postgres.fingerprints import algorithm_of, take_fingerprints
from app.postgres.relations import Name, Relation, RelationKind, Selection
from app.postgres.snapshot import LOCK_TIMEOUT_SECONDS, HeldSnapshot, held_snapshot, lock_report
from app.storage.store import Upload

log = structlog.get_logger()

_ATTEMPTS: Final = 6  # of getting all locks without somebody else in between
_GRACE_SECONDS: Final = 0.5  # for the fingerprints of a database that is dumped at once
_FINGERPRINT_LOAD: Final = 0.5  # they are no reason to slow down who works with the database, or the dump
_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class DumpOrder:
    """What to dump and how. Without ``recipients`` the archive is not encrypted."""

    target: Target
    server_major: int
    client: DumpClient
    options: DumpOptions
    recipients: Sequence[Recipient]
    application_name: str
    run_as: tuple[int, int] | None
    count_timeout_seconds: float
    fingerprint_seconds: float

    @property
    def selection(self) -> Selection:
        return selection_of(self.options)


@dataclass(frozen=True, slots=True)
class Dumped:
    """What went into the upload, which is still to be completed."""

    index: ArchiveIndex
    plain_size_bytes: int
    plain_sha256: str
    facts: DatabaseFacts
    at: datetime
    lsn: str | None
    rows: dict[Name, int]
    sequences: dict[Name, int | None]
    large_objects: int | None
    constraints: Constraints
    fingerprints: "Fingerprints"
    materialized_views: list[Name]
    foreign_tables: list[Name]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Of as many tables as there was time for, the smallest first."""

    algorithm: str
    of: dict[Name, str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Looks:
    """What was asked of the snapshot while pg_dump read it."""

    facts: DatabaseFacts
    constraints: Constraints
    large_objects: int | None
    rows: dict[Name, int]


def selection_of(options: DumpOptions) -> Selection:
    return Selection(
        tables=tuple((table.schema_name, table.name) for table in options.tables),
        exclude=tuple((table.schema_name, table.name) for table in options.exclude_tables),
    )


async def dump_into(
    upload: Upload, order: DumpOrder, *, connections: Connections, report: Callable[[Meter], None]
) -> Dumped:
    """Returns once everything was written to ``upload`` and every check but the store's own was passed.

    The tables stay locked for reading until then. Raises the problem that says most when there are several.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        async with held_snapshot(
            order.target,
            order.selection,
            server_major=order.server_major,
            application_name=order.application_name,
            lock_timeout_seconds=LOCK_TIMEOUT_SECONDS,
        ) as snapshot:
            try:
                return await _dumped(upload, order, snapshot, connections, report)
            except LocksOvertaken:
                # pg_dump locks before it writes, so nothing was uploaded yet.
                timeout = await lock_report(snapshot.picked, order.target, LOCK_WAIT_SECONDS)
                log.info("backup.locks_overtaken", attempt=attempt, detail=timeout.detail)
                if attempt == _ATTEMPTS:
                    raise timeout from None
        await asyncio.sleep(_random.uniform(0, attempt))
    raise AssertionError


async def _dumped(
    upload: Upload,
    order: DumpOrder,
    snapshot: HeldSnapshot,
    connections: Connections,
    report: Callable[[Meter], None],
) -> Dumped:
    sealing = _Sealing(order.recipients)
    meter = Meter(await snapshot.sizes(), {relation.oid: relation for relation in snapshot.picked}, sealing.indexer)
    # Before the dump reads them: its values are these or later ones.
    sequences = await snapshot.sequences()
    fingerprints: dict[Name, str] = {}
    with _ungrouped():
        async with asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(_look(snapshot, order, meter))
            fingerprinting = tasks.create_task(_fingerprint(looking, snapshot, order, meter, fingerprints))
            watching = tasks.create_task(
                watch(
                    meter,
                    order.target,
                    server_major=order.server_major,
                    application_name=order.application_name,
                    connections=connections,
                    report=report,
                )
            )
            index, warnings = await _stream(upload, order, snapshot, sealing, meter)
            meter.is_dumped = True
            looks = await looking
            await asyncio.wait([fingerprinting], timeout=_GRACE_SECONDS)
            fingerprinting.cancel()
            watching.cancel()
    rows = await _reconciled(looks.rows, index, snapshot, order)
    in_archive = {(entry.namespace or "", entry.tag) for entry in index.entries if entry.desc == "SEQUENCE SET"}
    return Dumped(
        index=index,
        plain_size_bytes=sealing.plain_size_bytes,
        plain_sha256=sealing.plain_sha256,
        facts=looks.facts,
        at=snapshot.at,
        lsn=snapshot.lsn,
        rows=rows,
        sequences={name: value for name, value in sorted(sequences.items()) if name in in_archive},
        large_objects=looks.large_objects,
        constraints=looks.constraints,
        fingerprints=Fingerprints(
            algorithm_of(order.server_major),
            {name: value for name, value in fingerprints.items() if name in rows},
            meter.fingerprint_seconds,
        ),
        materialized_views=_of_kind(snapshot, RelationKind.MATERIALIZED_VIEW, order),
        foreign_tables=_of_kind(snapshot, RelationKind.FOREIGN_TABLE, order),
        warnings=warnings,
    )


async def _stream(
    upload: Upload, order: DumpOrder, snapshot: HeldSnapshot, sealing: "_Sealing", meter: Meter
) -> tuple[ArchiveIndex, list[str]]:
    arguments = [
        *order.selection.arguments(snapshot.picked, snapshot.found),
        *(["--schema-only"] if order.options.schema_only else []),
        *(["--data-only"] if order.options.data_only else []),
    ]
    async with started_dump(
        order.client,
        order.target,
        snapshot_id=snapshot.snapshot_id,
        arguments=arguments,
        application_name=order.application_name,
        run_as=order.run_as,
    ) as dump:
        while chunk := await dump.read():
            # Milliseconds of hashing and encrypting, which others on this loop need not wait for.
            sealed = await asyncio.to_thread(sealing.take, chunk)
            meter.bytes_read += len(chunk)
            meter.waits_for_upload = True
            await upload.write(sealed)
            meter.waits_for_upload = False
        warnings = await dump.finish()
    index = sealing.indexer.finish()
    if index.size_bytes != sealing.plain_size_bytes:
        raise ArchiveIncomplete(f"The archive's index ends at {index.size_bytes} of {sealing.plain_size_bytes} bytes.")
    await upload.write(sealing.finish())
    return index, warnings


class _Sealing:
    def __init__(self, recipients: Sequence[Recipient]) -> None:
        # Encrypted chunks tell by themselves whether they are what was written.
        self.indexer = ArchiveIndexer(digests=not recipients)
        self.plain_size_bytes = 0
        self._digest = hashlib.sha256()
        self._encryptor = AgeEncryptor(recipients) if recipients else None

    @property
    def plain_sha256(self) -> str:
        return self._digest.hexdigest()

    def take(self, chunk: bytes) -> bytes:
        self.indexer.feed(chunk)
        self._digest.update(chunk)
        self.plain_size_bytes += len(chunk)
        return self._encryptor.update(chunk) if self._encryptor else chunk

    def finish(self) -> bytes:
        return self._encryptor.finish() if self._encryptor else b""


async def _look(snapshot: HeldSnapshot, order: DumpOrder, meter: Meter) -> Looks:
    """Everything that is asked of the snapshot while pg_dump reads it.

    Tables are counted in the order in which pg_dump reads them, so that the one finds in the server's memory what the
    other has just read.
    """
    facts = await database_facts(snapshot.session)
    constraints = await read_constraints(snapshot.session)
    has_large_objects = not order.options.tables and not order.options.schema_only
    large_objects = await snapshot.large_objects() if has_large_objects else None
    if not order.options.schema_only:
        for table in snapshot.picked:
            if table.kind is RelationKind.TABLE:
                meter.rows[table.key] = await snapshot.count(table, timeout_seconds=order.count_timeout_seconds)
    return Looks(facts, constraints, large_objects, dict(meter.rows))


async def _fingerprint(
    looking: asyncio.Task[Looks],
    snapshot: HeldSnapshot,
    order: DumpOrder,
    meter: Meter,
    found: dict[Name, str],
) -> None:
    """In what time the counts leave until the dump ends, by their session."""
    await asyncio.wait([looking])
    if looking.cancelled() or looking.exception() or order.options.schema_only:
        return
    loop = asyncio.get_running_loop()
    began = loop.time()
    tables = [table for table in snapshot.picked if table.key in meter.rows]
    try:
        await take_fingerprints(
            snapshot.session,
            sorted(tables, key=lambda table: meter.sizes.get(table.oid, 0)),
            algorithm=algorithm_of(order.server_major),
            seconds=order.fingerprint_seconds,
            taken=lambda table, value: found.update({table.key: value}),
            load=_FINGERPRINT_LOAD,
        )
    finally:
        meter.fingerprint_seconds = loop.time() - began


async def _reconciled(
    rows: dict[Name, int], index: ArchiveIndex, snapshot: HeldSnapshot, order: DumpOrder
) -> dict[Name, int]:
    """Rows of exactly the tables whose data are in the archive. Raises ArchiveIncomplete when any is missing there."""
    archived = {(table.schema, table.name) for table in index.tables()}
    optional = {relation.key for relation in snapshot.picked if relation.is_member}
    missing = rows.keys() - archived - optional
    if missing:
        names = ", ".join(".".join(name) for name in sorted(missing)[:10])
        raise ArchiveIncomplete(f"pg_dump left out {len(missing)} tables of the snapshot: {names}.")
    counted = {name: count for name, count in rows.items() if name in archived}
    for table in _uncounted(archived - counted.keys(), snapshot):
        counted[table.key] = await snapshot.count(table, timeout_seconds=order.count_timeout_seconds)
    return counted


def _uncounted(names: set[Name], snapshot: HeldSnapshot) -> Iterator[Relation]:
    by_name = {relation.key: relation for relation in snapshot.found}
    for name in sorted(names):
        if name not in by_name:
            raise ArchiveIncomplete(f"The archive has rows of {'.'.join(name)}, which the snapshot does not know.")
        yield by_name[name]


def _of_kind(snapshot: HeldSnapshot, kind: RelationKind, order: DumpOrder) -> list[Name]:
    if order.options.tables:
        return []
    return [relation.key for relation in snapshot.found if relation.kind is kind and not relation.is_member]


@contextmanager
def _ungrouped() -> Generator[None]:
    """Raises, of the errors of a task group, the one that says most: one that repeating the dump would not mend."""
    try:
        yield
    except BaseExceptionGroup as group:
        problems = [error for error in _leaves(group) if isinstance(error, Problem)]
        if not problems:
            raise
        raise min(problems, key=lambda problem: problem.retryable) from group


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
