"""The restored database against the manifest: counts of everything, contents as far as there is time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.locations.manifest import Manifest, TableRows
from app.postgres.comparison import Compared, compare_sequences, compare_tables, count_large_objects, find_tables
from app.postgres.connect import Session, Target, connect
from app.postgres.constraints import read_constraints
from app.postgres.fingerprints import take_fingerprints
from app.postgres.rehearsing import database_size, extensions_of
from app.postgres.relations import Name, Relation, relations
from app.verifications.errors import BackupBad
from app.verifications.schemas import (
    ComparedConstraints,
    ComparedContents,
    ComparedExtension,
    ComparedNumber,
    ComparedTable,
    RehearsalReport,
)
from app.verifications.subject import VerifyRun

_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Comparison:
    equal: bool
    rows: int
    size_bytes: int
    tables: list[ComparedTable]
    sequences: list[ComparedTable]
    large_objects: ComparedNumber | None
    constraints: ComparedConstraints | None
    extensions: list[ComparedExtension]
    contents: ComparedContents


async def compare(
    run: VerifyRun, target: Target, manifest: Manifest, *, server_major: int, seconds: float, application_name: str
) -> Comparison:
    """By the login that restored: a column that is computed when it is read runs code of the backup."""
    run.report(rows_total=sum(table.rows for table in manifest.tables), detail="counting")
    async with connect(
        target,
        application_name=application_name,
        statement_timeout_seconds=0,
        lock_timeout_seconds=0,
        idle_in_transaction_timeout_seconds=0,
    ) as session:
        await session.execute("SET row_security = off")
        tables = await _tables(run, session, manifest)
        sequences = [] if manifest.options.schema_only else await compare_sequences(session, _values(manifest))
        large_objects = None
        if manifest.large_objects is not None:
            count = await count_large_objects(session)
            large_objects = ComparedNumber(
                expected=manifest.large_objects, found=count, equal=count == manifest.large_objects
            )
        constraints = await _constraints(session, manifest)
        found = await extensions_of(session)
        extensions = [
            ComparedExtension(name=one.name, expected=one.version, found=found.get(one.name))
            for one in manifest.extensions
        ]
        run.report(detail="comparing contents")
        contents, same = await _contents(session, manifest, server_major, seconds)
        size = await database_size(session)
    compared = [_table(one, same) for one in tables]
    return Comparison(
        equal=all(one.equal and one.same_content is not False for one in compared)
        and all(one.equal for one in sequences)
        and (large_objects is None or large_objects.equal)
        and (constraints is None or constraints.equal)
        and all(one.found is not None for one in extensions),
        rows=sum(one.found or 0 for one in tables),
        size_bytes=size,
        tables=compared,
        sequences=[_table(one, {}) for one in sequences],
        large_objects=large_objects,
        constraints=constraints,
        extensions=extensions,
        contents=contents,
    )


def require_equal(report: RehearsalReport) -> None:
    """Raises BackupBad, naming what differs."""
    if report.equal:
        return
    named = [
        f"{one.schema_name}.{one.name} has {'nothing' if one.found is None else one.found} instead of {one.expected}"
        for one in (*report.tables, *report.sequences)
        if not one.equal
    ]
    named += [
        f"{one.schema_name}.{one.name} has as many rows, and others"
        for one in report.tables
        if one.equal and one.same_content is False
    ]
    if report.large_objects is not None and not report.large_objects.equal:
        named.append(f"{report.large_objects.found} large objects instead of {report.large_objects.expected}")
    if report.constraints is not None and not report.constraints.equal:
        named.append(
            f"{report.constraints.found} constraints instead of {report.constraints.expected}, or others valid"
        )
    named += [f"the extension {one.name} is missing" for one in report.extensions if one.found is None]
    more = f", and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    raise BackupBad(
        f"Restored without an error, but not equal: {'; '.join(named[:_MOST_NAMED])}{more}. The verification's report has "
        "all of it. Take a new backup, and verify that."
    )


async def _tables(run: VerifyRun, session: Session, manifest: Manifest) -> Sequence[Compared]:
    names = [_name(table) for table in manifest.tables]
    if not manifest.counted:  # it was made elsewhere: only that every table came up can be said
        return await find_tables(session, [(table.schema, table.name) for table in manifest.index.tables()])
    if manifest.options.schema_only:
        return await find_tables(session, names)
    expected = [(_name(table), table.rows) for table in manifest.tables]
    return await compare_tables(session, expected, counted=lambda rows: run.report(rows_done=rows))


async def _constraints(session: Session, manifest: Manifest) -> ComparedConstraints | None:
    """A part of a database has only some of them."""
    wanted, options = manifest.constraints, manifest.options
    if wanted is None or options.tables or options.exclude_tables:
        return None
    found = await read_constraints(session)
    return ComparedConstraints(
        expected=wanted.count,
        found=found.count,
        not_valid_expected=list(wanted.not_valid),
        not_valid_found=list(found.not_valid),
        equal=found.count >= wanted.count and set(found.not_valid) == set(wanted.not_valid),
    )


async def _contents(
    session: Session, manifest: Manifest, server_major: int, seconds: float
) -> tuple[ComparedContents, dict[Name, bool]]:
    wanted = {_name(table): table for table in manifest.tables if table.fingerprint is not None}
    taken = manifest.fingerprints
    if taken is None or not wanted:
        return _nothing_compared("The backup has no fingerprints."), {}
    if taken.server_major != server_major:
        reason = f"They were taken by PostgreSQL {taken.server_major}, and can be compared in that major only."
        return _nothing_compared(reason), {}
    found = {relation.key: relation for relation in await relations(session)}
    tables = sorted((wanted[name].rows, name) for name in wanted if name in found)
    same: dict[Name, bool] = {}

    def note(table: Relation, value: str) -> None:
        same[table.key] = value == wanted[table.key].fingerprint

    await take_fingerprints(
        session, [found[name] for _, name in tables], algorithm=taken.algorithm, seconds=seconds, taken=note
    )
    rows = sum(table.rows for table in manifest.tables)
    contents = ComparedContents(
        tables=len(same),
        share_of_tables=len(same) / len(manifest.tables),
        share_of_rows=sum(wanted[name].rows for name in same) / rows if rows else 1.0,
        reason=None,
    )
    return contents, same


def _nothing_compared(reason: str) -> ComparedContents:
    return ComparedContents(tables=0, share_of_tables=0.0, share_of_rows=0.0, reason=reason)


def _values(manifest: Manifest) -> list[tuple[Name, int | None]]:
    return [((one.schema_name, one.name), one.last_value) for one in manifest.sequences]


def _name(table: TableRows) -> Name:
    return table.schema_name, table.name


def _table(one: Compared, same: Mapping[Name, bool]) -> ComparedTable:
    return ComparedTable(
        schema_name=one.schema,
        name=one.name,
        expected=one.expected,
        found=one.found,
        equal=one.equal,
        same_content=same.get((one.schema, one.name)),
    )
