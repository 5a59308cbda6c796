"""The flow that restores rows alone, into tables that are there."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from app.jobs.machine import Move, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.locations.access import open_store
from app.locations.archives import open_archive
from app.locations.manifest import Manifest
from app.locations.models import Location
from app.locations.ranges import ArchiveRanges, archive_ranges
from app.postgres.archive import Entry, entries_of, select_rows
from app.postgres.connect import connect
from app.postgres.restore import Telling, header_of
from app.postgres.rows import (
    Counter,
    Found,
    after_rows,
    before_rows,
    require_empty,
    rows_script,
    sequences_of,
    tables_for,
)
from app.restores.copies import from_any_copy
from app.restores.loading import RestoreMemo, note, run_as
from app.restores.models import OnRows
from app.restores.planning import Plan, application_name, read_plan
from app.restores.reports import CountView, Method, RestoreReport
from app.restores.repository import RestoreRepository
from app.restores.schemas import RestoreRows
from app.restores.selecting import choose
from app.restores.steps import RestoreRun, RestoreSteps, begin, finish, require_possible, result
from app.restores.transactions import change, is_committed, live_target


@dataclass(frozen=True)
class RestoreRowsSteps(RestoreSteps[RestoreRows]):
    """Counted in the transaction that loads them, so that they are all there or none is."""

    args = RestoreRows

    @step
    async def plan(self, run: RestoreRun) -> Move:
        await begin(run)
        if waiting := await self.open_way(run):
            return waiting
        await require_possible(run, self.runtime)
        return go(self.load)

    @step
    async def load(self, run: RestoreRun) -> Move:
        plan = await read_plan(run, self.runtime)
        if not await is_committed(run, plan.target.with_database(plan.name)):
            began = self.runtime.clock()

            async def fill(location: Location) -> None:
                await self._fill(run, plan, location)

            await from_any_copy(run, plan, fill)
            run.memo.load_seconds = (self.runtime.clock() - began).total_seconds()
        return go(self.place)

    @step
    async def place(self, run: RestoreRun) -> Move:
        """They are in their place; what is left is to say so."""
        plan = await read_plan(run, self.runtime)
        await self._finish(run, plan.manifest)
        return result(plan.restore) if run.args.network is None else go(self.leave)

    async def compensate(self, run: RestoreRun, outcome: JobState) -> None:
        """Rows that others may have changed since are not taken out again: then the restore is one that was made."""
        async with run.reading() as session:
            restore = await RestoreRepository(session).find(run.args.restore_id)
        if await is_committed(run, await live_target(self.runtime, run, restore)):
            await run.warn("The rows were in when this was to end, and stay.")
            await self._finish(run, (await read_plan(run, self.runtime)).manifest)
        await super().compensate(run, outcome)

    async def _finish(self, run: RestoreRun, manifest: Manifest) -> None:
        async with run.writing() as session:
            restores = RestoreRepository(session)
            await restores.change(run.args.restore_id, report=_report(run, manifest).model_dump(mode="json"))
            await finish(session, run, await restores.find(run.args.restore_id))

    async def _fill(self, run: RestoreRun, plan: Plan, location: Location) -> None:
        store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
        ranges = await archive_ranges(store, plan.manifest, plan.identities)
        async with aclosing(open_archive(store, plan.manifest, plan.identities)) as archive:
            if ranges is None:
                header, rest = await header_of(archive, plan.manifest.index.header_length)
            else:
                header, rest = await ranges.header(), b""
            entries = select_rows(entries_of(header), plan.tables)
            tables, sequences = await self._look(run, plan, entries)
            if ranges is None:
                source = _joined(header + rest, archive)
            else:
                entries = _in_order(entries, tables)
                source = _blocks(header, ranges, plan.manifest, entries)
            self._note(run, plan, entries, header, Method.STREAM if ranges is None else Method.RANGES)
            await self._load(run, plan, source, entries=entries, tables=tables, sequences=sequences)
        run.memo.bytes_read = plan.manifest.archive_object.size_bytes if ranges is None else ranges.bytes_read

    async def _look(self, run: RestoreRun, plan: Plan, entries: Sequence[Entry]) -> tuple[list[Found], list[Counter]]:
        live = plan.target.with_database(plan.name)
        async with connect(live, application_name=application_name(run)) as session:
            tables = await tables_for(session, entries)
            if plan.restore.on_rows != OnRows.APPEND:
                await require_empty(session, tables)
            sequences = await sequences_of(session, tables)
        for table in tables:
            if table.triggers:
                await note(run, f"Triggers of {'.'.join(table.key)} fired: {', '.join(table.triggers)}.")
        return tables, sequences

    async def _load(
        self,
        run: RestoreRun,
        plan: Plan,
        source: AsyncGenerator[bytes],
        *,
        entries: Sequence[Entry],
        tables: Sequence[Found],
        sequences: Sequence[Counter],
    ) -> None:
        client, manifest = plan.client(self.runtime.toolchain), plan.manifest
        rows = {(table.schema_name, table.name): table.rows for table in manifest.tables}
        values = {(one.schema_name, one.name): one.last_value for one in manifest.sequences}
        run.report(bytes_total=run.memo.bytes_needed)
        telling = Telling(
            bytes_read=lambda _count: None, doing=lambda text: run.report(detail=text), copying=lambda *_: None
        )
        script = rows_script(
            source,
            [entry.dump_id for entry in entries],
            client,
            run_as=run_as(self.runtime, client),
            telling=telling,
        )
        append = plan.restore.on_rows == OnRows.APPEND
        await change(
            self.runtime,
            run,
            plan,
            script,
            client,
            before=before_rows(tables, append=append),
            after=after_rows(tables, rows, sequences, values),
        )

    def _note(self, run: RestoreRun, plan: Plan, entries: Sequence[Entry], header: bytes, method: Method) -> None:
        memo = run.memo
        memo.method, memo.readers = method, 1
        memo.tables = sorted((entry.namespace or "", entry.tag) for entry in entries)
        memo.bytes_needed = choose(plan.restore, entries_of(header), plan.manifest.index).bytes_needed


def _in_order(entries: Sequence[Entry], tables: Sequence[Found]) -> list[Entry]:
    by_name = {(entry.namespace or "", entry.tag): entry for entry in entries}
    return [by_name[table.key] for table in tables]


async def _blocks(
    header: bytes, ranges: ArchiveRanges, manifest: Manifest, entries: Sequence[Entry]
) -> AsyncGenerator[bytes]:
    """An archive of these blocks, in this order, which is the one in which pg_restore is told to want them."""
    index = manifest.index
    yield header
    for entry in entries:
        block = index.data_block(entry.dump_id)
        assert block is not None
        async with aclosing(ranges.read(block.offset, block.end)) as chunks:
            async for chunk in chunks:
                yield chunk


async def _joined(start: bytes, archive: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    yield start
    async for chunk in archive:
        yield chunk


def _report(run: Run[RestoreRows, RestoreMemo], manifest: Manifest) -> RestoreReport:
    memo = run.memo
    wanted = {tuple(table) for table in memo.tables or ()}
    tables = [
        CountView(schema_name=one.schema_name, name=one.name, expected=one.rows, found=one.rows, equal=True)
        for one in manifest.tables
        if (one.schema_name, one.name) in wanted
    ]
    return RestoreReport(
        equal=True,
        rows=sum(table.found or 0 for table in tables),
        size_bytes=None,
        tables=tables,
        sequences=[],
        large_objects=None,
        not_compared=[],
        roles_created=[],
        duration_seconds=memo.load_seconds,
        method=memo.method,
        readers=memo.readers,
        bytes_needed=memo.bytes_needed,
        bytes_read=memo.bytes_read,
        warnings=memo.warnings,
    )
