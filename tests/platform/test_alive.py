"""A real server behind the simulated platform, looked at again and again while our jobs are at work on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlmodel import col, select

from app.events.models import Alert, DomainEvent
from app.providers.railway.models import RailwayObservation
from app.runtime import Runtime
from tests.platform.records import look
from tests.provisioning.conftest import Finished, finished, project, worker
from tests.provisioning.railway import There, impatient, platform, railway, settings

__all__ = ["finished", "impatient", "platform", "project", "railway", "settings", "worker"]


@asynccontextmanager
async def watched(runtime: Runtime) -> AsyncIterator[None]:
    """Without the pauses between looks, so that they meet every moment of a job."""

    async def watch() -> None:
        while True:
            async with runtime.sessions() as session, session.begin():
                for row in (await session.exec(select(RailwayObservation))).all():
                    row.due_at = runtime.clock()
            await look(runtime)
            await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch())
        yield
        watching.cancel()


@pytest.mark.usefixtures("worker", "impatient")
async def test_looks_disturb_no_job_and_alert_nobody_while_one_is_at_work(
    railway: There, runtime: Runtime, finished: Finished
) -> None:
    async with watched(runtime):
        accepted = (await railway.post(public_access=True)).json()
        path = f"/v1/databases/{accepted['database']['id']}"
        assert (await finished(accepted))["state"] == "succeeded"
        restarted = await finished((await railway.post(f"{path}:restart")).json())
        assert restarted["state"] == "succeeded"
        assert (await railway.get(path))["state"] == "available"
        async with asyncio.timeout(30):
            while (seen := await railway.get(f"{path}/platform-status"))["volume"] is None:
                await asyncio.sleep(0.05)
        assert seen["deployment"]["status"] == "SUCCESS"
        assert seen["volume"]["used_bytes"] > 10_000_000  # what initdb leaves
        assert (seen["cluster"], seen["stale"]) == (None, False)
        assert (await railway.get(path))["reach"] == "public"
        deleted = await finished((await railway.delete(f"{path}?confirm=shop&final_backup=false")).json())
        assert deleted["state"] == "succeeded"
        async with asyncio.timeout(30):
            while await observations(runtime):
                await asyncio.sleep(0.05)
    async with runtime.sessions() as session:
        assert (await session.exec(select(Alert))).all() == []
        changes = select(DomainEvent.data).where(DomainEvent.type == "database.status_changed")
        told = (await session.exec(changes.order_by(col(DomainEvent.id)))).all()
    assert [change["now"] for change in told] == ["available", "restarting", "available", "deleting", "deleted"]


async def observations(runtime: Runtime) -> int:
    async with runtime.sessions() as session:
        return len((await session.exec(select(RailwayObservation))).all())
