"""The table of contents of a backup's archive, and what of it a restore takes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from app.errors import Problem
from app.locations.access import open_store
from app.locations.archives import CopyDamaged
from app.locations.manifest import Manifest
from app.locations.ranges import archive_header
from app.postgres.archive import ArchiveDamaged, ArchiveIndex, Entry, Selection, entries_of, select, select_rows
from app.postgres.restore import Parts
from app.restores.models import Restore, TargetKind
from app.restores.planning import Reading, names_of_tables
from app.restores.reports import LeftOutView, Method, ObjectView, ReadingView, RelationView, SelectionView
from app.runtime import Runtime
from app.storage import errors as storage_errors

# What another location's copy may make good.
OF_ONE_COPY: Final = (
    ArchiveDamaged,
    CopyDamaged,
    storage_errors.AccessDenied,
    storage_errors.BucketMissing,
    storage_errors.ClockSkewed,
    storage_errors.EndpointForbidden,
    storage_errors.ObjectChanged,
    storage_errors.ObjectMissing,
    storage_errors.ObjectTruncated,
    storage_errors.RequestRefused,
    storage_errors.StoreFailed,
    storage_errors.StoreUnreachable,
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """``dump_ids`` stand in the archive's order; None for all of it. ``names`` are the tables whose rows come along."""

    dump_ids: tuple[int, ...] | None
    names: frozenset[tuple[str, str]] | None
    view: SelectionView | None
    bytes_needed: int


def wants_contents(restore: Restore) -> bool:
    """Whether its table of contents tells whether, and how, a backup can be restored that way."""
    return restore.tables is not None or restore.target_kind == TargetKind.ROWS


def needs_contents(restore: Restore, manifest: Manifest) -> bool:
    """Tables whose rows were counted are surely in the archive, by these names."""
    if restore.target_kind in (TargetKind.TABLES, TargetKind.ROWS):
        return True
    names = names_of_tables(restore) or frozenset()
    return not names <= {(table.schema_name, table.name) for table in manifest.tables}


async def read_contents(runtime: Runtime, reading: Reading) -> tuple[Entry, ...]:
    """From the first copy that gives it. Raises what the last of them has against it."""
    failure: Problem | None = None
    for location in reading.locations:
        store = await open_store(runtime.stores, runtime.key_ring, location)
        try:
            return entries_of(await archive_header(store, reading.manifest, reading.identities))
        except OF_ONE_COPY as problem:
            failure = problem
    assert failure is not None, "there is always a copy"
    raise failure


def choose(restore: Restore, entries: Sequence[Entry], index: ArchiveIndex) -> Chosen:
    """Raises TablesNotInArchive."""
    names, has_rows = names_of_tables(restore), restore.parts != Parts.SCHEMA
    if restore.target_kind == TargetKind.ROWS:
        rows = select_rows(entries, names)
        chosen = {entry.dump_id for entry in rows}
        keys = frozenset((entry.namespace or "", entry.tag) for entry in rows)
        return Chosen(tuple(entry.dump_id for entry in rows), keys, None, _bytes(index, chosen))
    if names is None:
        return Chosen(None, None, None, _bytes(index, None if has_rows else ()))
    selection = select(entries, names)
    return Chosen(
        tuple(entry.dump_id for entry in entries if entry.dump_id in selection.dump_ids),
        selection.names(),
        _view(entries, selection),
        _bytes(index, selection.dump_ids if has_rows else ()),
    )


def reading_of(runtime: Runtime, restore: Restore, manifest: Manifest, chosen: Chosen) -> ReadingView:
    """How the archive is read; several readers only where one would take long."""
    is_ranged = wants_ranges(runtime, restore, manifest) and _tells_parts(manifest)
    readers = runtime.settings.restore.readers if is_ranged and restore.target_kind != TargetKind.ROWS else 1
    return ReadingView(
        method=Method.RANGES if is_ranged else Method.STREAM, readers=readers, bytes_needed=chosen.bytes_needed
    )


def wants_ranges(runtime: Runtime, restore: Restore, manifest: Manifest) -> bool:
    """Definitions stand in the first bytes, selected tables somewhere; rows of a large archive are loaded side by side."""
    size_bytes = manifest.archive_object.plain_size_bytes
    is_part = restore.parts == Parts.SCHEMA or wants_contents(restore)
    return is_part or size_bytes >= runtime.settings.restore.parallel_from_bytes


def _tells_parts(manifest: Manifest) -> bool:
    return manifest.archive_object.encryption != "none" or manifest.index.has_digests


def _bytes(index: ArchiveIndex, dump_ids: Collection[int] | None) -> int:
    blocks = index.blocks if dump_ids is None else [block for block in index.blocks if block.dump_id in dump_ids]
    return index.header_length + sum(block.length for block in blocks)


def _view(entries: Sequence[Entry], selection: Selection) -> SelectionView:
    values = [entry for entry in entries if entry.desc == "SEQUENCE SET" and entry.dump_id in selection.dump_ids]
    return SelectionView(
        tables=[_relation(entry) for entry in selection.tables],
        sequences=[_relation(entry) for entry in values],
        needed=[_object(entry) for entry in selection.needed],
        left_out=[
            LeftOutView(**_object(one.entry).model_dump(), needs=[_object(entry) for entry in one.missing])
            for one in selection.left_out
        ],
    )


def _relation(entry: Entry) -> RelationView:
    return RelationView(schema_name=entry.namespace or "", name=entry.tag)


def _object(entry: Entry) -> ObjectView:
    return ObjectView(kind=entry.desc, schema_name=entry.namespace, name=entry.tag)
