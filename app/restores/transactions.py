"""What a restore changes in a logical database that others use: by one transaction, known by its number ever since."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from app.databases.access import target_of
from app.databases.models import Database
from app.jobs.run import Run
from app.postgres.connect import Target, connect
from app.postgres.restore import Telling, Told, alongside, watch
from app.postgres.sessions import end_sessions
from app.postgres.toolchain import Installation
from app.postgres.transaction import Order, Outcome, outcome_of, run_in_one
from app.restores.loading import RestoreMemo, run_as
from app.restores.models import Restore
from app.restores.planning import Plan, application_name
from app.runtime import Runtime


async def live_target(runtime: Runtime, run: Run[Any, RestoreMemo], restore: Restore) -> Target:
    """Also while nothing of the backup is left, for what is to be removed."""
    async with run.reading() as session:
        database = await session.get_one(Database, restore.database_id)
    return target_of(database, runtime.key_ring, database_name=restore.logical_database, address=run.memo.address)


async def is_committed(run: Run[Any, RestoreMemo], live: Target) -> bool:
    """Whether the transaction that this job began last has changed anything; it has ended when this returns."""
    if run.memo.transaction is None:
        return False
    async with connect(live, application_name="pgmanager restores") as session:
        outcome = await outcome_of(session, live, run.memo.transaction, application_name=application_name(run))
    return outcome is Outcome.COMMITTED


async def change(
    runtime: Runtime,
    run: Run[Any, RestoreMemo],
    plan: Plan,
    script: AsyncGenerator[bytes],
    client: Installation,
    *,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
) -> None:
    """All of it, or nothing. The number is written down before anything is changed under it."""
    live = plan.target.with_database(plan.name)
    name = application_name(run)
    await end_sessions(live, application_name=name)  # of a worker that lost this job

    async def begun(number: int) -> None:
        run.memo.transaction = number
        await run.remember()

    telling = Telling(
        bytes_read=lambda _count: None, doing=lambda text: run.report(detail=text), copying=lambda *_: None
    )
    order = Order(live, client, name, run_as(runtime, client), before, after)
    async with run.moving(), alongside(watch(live, name, plan.server_major, Told(telling, doing="writing"))):
        await run_in_one(script, order, begun=begun, wrote=lambda count: run.report(bytes_done=count))
