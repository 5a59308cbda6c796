"""Whether the restored database holds what was backed up, counted and written down."""

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
from app.restores.errors import RestoreMismatch
from app.restores.loading import RestoreMemo
from app.restores.planning import Plan, application_name
from app.restores.schemas import CountView, LargeObjectsView, RestoreReport

_MOST_NAMED: Final = 5


async def analyze(plan: Plan, run: Run[Any, RestoreMemo]) -> None:
    """Gives the planner its statistics, which an archive does not hold."""
    assert run.memo.temporary is not None
    target = plan.target.with_database(run.memo.temporary)
    async with connect(
        target, application_name=application_name(run), statement_timeout_seconds=0, lock_timeout_seconds=0
    ) as session:
        await session.execute("ANALYZE")


async def compared(plan: Plan, run: Run[Any, RestoreMemo]) -> RestoreReport:
    assert run.memo.temporary is not None
    manifest = plan.manifest
    names = [(table.schema_name, table.name) for table in manifest.tables]
    has_rows = plan.restore.parts == Parts.ALL
    sequences: list[Compared] = []
    large_objects = None
    target = plan.target.with_database(run.memo.temporary)
    run.report(rows_total=sum(table.rows for table in manifest.tables))
    async with connect(
        target, application_name=application_name(run), statement_timeout_seconds=0, lock_timeout_seconds=0
    ) as session:
        if has_rows:
            await session.execute("SET row_security = off")
            expected = list(zip(names, (table.rows for table in manifest.tables), strict=True))
            tables = await compare_tables(session, expected, counted=lambda rows: run.report(rows_done=rows))
            values = [((one.schema_name, one.name), one.last_value) for one in manifest.sequences]
            sequences = await compare_sequences(session, values)
            if manifest.large_objects is not None:
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
            f"{one.schema_name}.{one.name}" for one in (*manifest.materialized_views, *manifest.foreign_tables)
        ],
        roles_created=run.memo.roles_created,
        duration_seconds=run.memo.load_seconds,
        readers=run.memo.readers,
        warnings=run.memo.warnings,
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
