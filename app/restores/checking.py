"""Whether the restored database holds what was backed up, counted and written down."""

from dataclasses import replace
from typing import Any, Final

from app.jobs.run import Run
from app.postgres.comparison import (
    Compared,
    compare_sequences,
    compare_tables,
    count_large_objects,
    find_tables,
)
from app.postgres.connect import connect
from app.postgres.restore import Parts
from app.postgres.statistics import gather_statistics
from app.restores.errors import RestoreMismatch
from app.restores.loading import RestoreMemo
from app.restores.planning import Plan, application_name
from app.restores.reports import CountView, LargeObjectsView, RestoreReport
from app.runtime import Runtime

_NOT_COUNTED: Final = "the rows of every table: the backup was imported, and nobody counted them"
_UNKNOWN: Final = -1  # what no table has
_MOST_NAMED: Final = 5


async def analyze(runtime: Runtime, plan: Plan, run: Run[Any, RestoreMemo]) -> None:
    """Gives the planner its statistics, which an archive does not hold."""
    assert run.memo.temporary is not None
    await gather_statistics(
        plan.target.with_database(run.memo.temporary),
        sessions=runtime.settings.restore.readers,
        application_name=application_name(run),
    )


async def compared(plan: Plan, run: Run[Any, RestoreMemo]) -> RestoreReport:
    assert run.memo.temporary is not None
    manifest, memo = plan.manifest, run.memo
    wanted = None if memo.tables is None else {tuple(name) for name in memo.tables}
    counted = [one for one in manifest.tables if wanted is None or (one.schema_name, one.name) in wanted]
    names = [(table.schema_name, table.name) for table in counted]
    if not manifest.counted:
        found = ((table.schema, table.name) for table in manifest.index.tables())
        names = [name for name in found if wanted is None or name in wanted]
    has_rows = plan.restore.parts == Parts.ALL
    sequences: list[Compared] = []
    large_objects = None
    target = plan.target.with_database(run.memo.temporary)
    run.report(rows_total=sum(table.rows for table in counted))
    async with connect(
        target, application_name=application_name(run), statement_timeout_seconds=0, lock_timeout_seconds=0
    ) as session:
        if has_rows:
            await session.execute("SET row_security = off")
            rows = {(table.schema_name, table.name): table.rows for table in counted}
            expected = [(name, rows.get(name, _UNKNOWN)) for name in names]
            tables = await compare_tables(session, expected, counted=lambda rows: run.report(rows_done=rows))
            if not manifest.counted:
                tables = [replace(one, expected=None, equal=one.found is not None) for one in tables]
            along = (
                None if memo.selection is None else {(one.schema_name, one.name) for one in memo.selection.sequences}
            )
            values = [
                ((one.schema_name, one.name), one.last_value)
                for one in manifest.sequences
                if along is None or (one.schema_name, one.name) in along
            ]
            sequences = await compare_sequences(session, values)
            if manifest.large_objects is not None and wanted is None:
                count = await count_large_objects(session)
                large_objects = LargeObjectsView(
                    expected=manifest.large_objects, found=count, equal=count == manifest.large_objects
                )
        else:
            tables = await find_tables(session, names)
        size = await session.fetchval("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())")
    parts = [*tables, *sequences]
    return RestoreReport(
        equal=all(one.equal for one in parts) and (large_objects is None or large_objects.equal),
        rows=sum(one.found or 0 for one in tables),
        size_bytes=size,
        tables=[_view(one) for one in tables],
        sequences=[_view(one) for one in sequences],
        large_objects=large_objects,
        not_compared=[
            *([] if manifest.counted else [_NOT_COUNTED]),
            *(
                f"{one.schema_name}.{one.name}"
                for one in (*manifest.materialized_views, *manifest.foreign_tables)
                if wanted is None
            ),
        ],
        roles_created=memo.roles_created,
        duration_seconds=memo.load_seconds,
        method=memo.method,
        readers=memo.readers,
        bytes_needed=memo.bytes_needed,
        bytes_read=memo.bytes_read,
        selection=memo.selection,
        warnings=memo.warnings,
    )


def require_equal(report: RestoreReport) -> None:
    """Raises RestoreMismatch, naming what differs."""
    if report.equal:
        return
    different = [one for one in (*report.tables, *report.sequences) if not one.equal]
    named = [
        f"{one.schema_name}.{one.name} has {'nothing' if one.found is None else one.found} instead of {one.expected}"
        for one in different[:_MOST_NAMED]
    ]
    if report.large_objects is not None and not report.large_objects.equal:
        named.append(f"{report.large_objects.found} large objects instead of {report.large_objects.expected}")
    more = f", and {len(different) - _MOST_NAMED} more" if len(different) > _MOST_NAMED else ""
    raise RestoreMismatch(
        f"Restored without an error, but not equal: {'; '.join(named)}{more}. Nothing was put in place. The restore's "
        "report has every table; a trigger or a rule that writes while rows are loaded would do this.",
    )


def _view(one: Compared) -> CountView:
    return CountView(schema_name=one.schema, name=one.name, expected=one.expected, found=one.found, equal=one.equal)
