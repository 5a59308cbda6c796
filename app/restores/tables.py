"""The flow that restores selected tables into a new schema of a logical database that others use."""

from dataclasses import dataclass

from app.jobs.machine import Move, go, step
from app.kit.ids import encode_id
from app.postgres.connect import TlsMode, connect
from app.postgres.identifiers import quoted
from app.postgres.making import drop_database, maintenance
from app.postgres.moving import client_for_moving, gather, schema_script
from app.postgres.toolchain import Ability, Installation
from app.restores.aftermath import undo_traces
from app.restores.loading import Loading, note, run_as
from app.restores.models import Restore
from app.restores.planning import Plan, application_name, read_plan
from app.restores.schemas import RestoreTables
from app.restores.steps import RestoreRun, RestoreSteps, begin, finish, require_possible, result
from app.restores.transactions import change, is_committed, live_target


@dataclass(frozen=True)
class RestoreTablesSteps(RestoreSteps[RestoreTables]):
    """Into a temporary database, where they are compared; from there, in one transaction, to where they are wanted."""

    args = RestoreTables

    @step
    async def plan(self, run: RestoreRun) -> Move:
        await begin(run)
        if waiting := await self.open_way(run):
            return waiting
        await require_possible(run, self.runtime)
        self._client(await read_plan(run, self.runtime))
        return go(self.load)

    @step
    async def load(self, run: RestoreRun) -> Move:
        await Loading(self.runtime, run, await read_plan(run, self.runtime)).load()
        return go(self.compare)

    @step
    async def place(self, run: RestoreRun) -> Move:
        plan, memo = await read_plan(run, self.runtime), run.memo
        schema = plan.restore.into_schema
        assert memo.temporary is not None
        assert schema is not None
        if not await is_committed(run, plan.target.with_database(plan.name)):
            await run.remember()  # a worker that lost its job ends here
            await self._move(run, plan, schema)
        async with maintenance(plan.target, application_name=application_name(run), beside=memo.temporary) as session:
            await drop_database(session, memo.temporary)
        async with run.writing() as session:
            await finish(session, run, plan.restore)
        return result(plan.restore) if run.args.network is None else go(self.leave)

    async def undo(self, run: RestoreRun, restore: Restore) -> None:
        """Somebody wanted it cancelled in the very moment in which it was done."""
        live = await live_target(self.runtime, run, restore)
        if await is_committed(run, live):
            assert restore.into_schema is not None
            async with connect(live, application_name=application_name(run)) as session:
                await session.execute(f"DROP SCHEMA IF EXISTS {quoted(restore.into_schema)} CASCADE")
        await undo_traces(self.runtime, run, restore)

    async def _move(self, run: RestoreRun, plan: Plan, schema: str) -> None:
        client, name = self._client(plan), application_name(run)
        temporary = plan.target.with_database(run.memo.temporary or "")
        comment = f"{encode_id('rst', plan.restore.id)} restored these tables from {encode_id('bak', plan.manifest.backup_id)}."
        async with connect(temporary, application_name=name, statement_timeout_seconds=0) as session:
            await gather(session, schema, comment=comment)
        if (
            routines := [one.name for one in run.memo.selection.needed if one.kind in _ROUTINES]
            if run.memo.selection
            else []
        ):
            await note(
                run,
                f"Functions came along ({', '.join(routines)}). Names in the text of their bodies still mean the schemas that "
                "they were written for.",
            )
        script = schema_script(
            temporary, schema, client, plan.wish(), application_name=name, run_as=run_as(self.runtime, client)
        )
        await change(self.runtime, run, plan, script, client)

    def _client(self, plan: Plan) -> Installation:
        needs = [] if plan.target.tls in (TlsMode.DISABLE, TlsMode.PREFER) else [Ability.TLS]
        return client_for_moving(self.runtime.toolchain, plan.server_major, needs=needs)


_ROUTINES = frozenset({"AGGREGATE", "FUNCTION", "PROCEDURE"})
