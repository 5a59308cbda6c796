"""Jobs that took longer than they may, and the alert about them."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from app.auth.scopes import Scope
from app.events.models import Alert
from app.events.tasks import watch
from app.jobs.contract import JobArgs
from app.jobs.enqueue import Target, enqueue
from app.jobs.models import Job
from app.kit.clock import utc_now
from app.kit.ids import encode_id, new_id
from app.runtime import Runtime
from app.worker import watch_until


class Slow(JobArgs, kind="test.slow_to_end", conflict=None, scope=Scope.JOBS_WRITE, deadline_seconds=3600):
    pass


PAST_DEADLINE = {"code": "JOB_DEADLINE", "detail": "The job was stopped in step x."}


async def add(runtime: Runtime, database_id: UUID, state: str, *, hours: float, **values: Any) -> Job:
    """A job that was claimed so long ago; a final one has ended just now."""
    now = utc_now()
    async with runtime.sessions() as session, session.begin():
        job = (await enqueue(session, Slow(), created_by="test", targets=[Target(database_id)])).job
        job.state, job.claimed_at = state, now - timedelta(hours=hours)
        job.sqlmodel_update(values)
        if state in ("failed", "succeeded", "cancelled"):
            job.finished_at = job.finished_at or now
        if state == "running":
            job.lease_token, job.lease_ends, job.holder = new_id(), now + timedelta(minutes=1), "test"
    return job


async def change(runtime: Runtime, job: Job, **values: Any) -> None:
    async with runtime.sessions() as session, session.begin():
        (await session.get_one(Job, job.id)).sqlmodel_update(values)


async def alerts(runtime: Runtime) -> dict[str, str | None]:
    """Subject and why it was cleared, after a look that nothing new is found by the next."""
    for _ in range(2):
        await watch(runtime)
    async with runtime.sessions() as session:
        found = (await session.exec(select(Alert).order_by(col(Alert.id)))).all()
    assert all((alert.type, alert.count) == ("job.overdue", 1) for alert in found)
    return {str(alert.subject_id): alert.cleared_reason for alert in found}


def name(job: Job) -> str:
    return encode_id("job", job.id)


async def test_jobs_that_are_in_time_alert_nobody(runtime: Runtime, database_id: UUID) -> None:
    await add(runtime, database_id, "running", hours=1.2)  # the worker may still clean up
    await add(runtime, database_id, "queued", hours=0.5)
    await add(runtime, database_id, "succeeded", hours=9, result={})
    await add(runtime, database_id, "cancelled", hours=9)
    await add(runtime, database_id, "failed", hours=9, error={"code": "OTHER", "detail": "d"})
    long_ago = utc_now() - timedelta(days=2)
    await add(runtime, database_id, "failed", hours=72, error=PAST_DEADLINE, finished_at=long_ago)
    assert await alerts(runtime) == {}


@pytest.mark.parametrize("state", ["running", "queued", "waiting", "cancelling"])
async def test_a_job_past_its_deadline_that_nobody_stops_alerts_until_it_ends(
    runtime: Runtime, database_id: UUID, state: str
) -> None:
    values = {"waiting_for": "a child"} if state == "waiting" else {}
    job = await add(runtime, database_id, state, hours=2, **values)
    assert await alerts(runtime) == {name(job): None}
    released = {"lease_token": None, "lease_ends": None, "holder": None, "waiting_for": None}
    await change(runtime, job, state="cancelled", finished_at=utc_now(), **released)
    assert await alerts(runtime) == {name(job): "the job was cancelled"}


async def test_a_job_that_its_deadline_stopped_alerts_until_another_does_the_same(
    runtime: Runtime, database_id: UUID
) -> None:
    job = await add(runtime, database_id, "failed", hours=1, error=PAST_DEADLINE)
    await add(runtime, new_id(), "succeeded", hours=0.1, result={})
    assert await alerts(runtime) == {name(job): None}
    later = await add(runtime, database_id, "succeeded", hours=0.1, result={})
    assert await alerts(runtime) == {name(job): f"{name(later)} has succeeded"}


async def test_a_job_whose_record_is_gone_alerts_no_more(runtime: Runtime, database_id: UUID) -> None:
    job = await add(runtime, database_id, "queued", hours=2)
    assert await alerts(runtime) == {name(job): None}
    async with runtime.sessions() as session, session.begin():
        await session.delete(await session.get_one(Job, job.id))
    assert await alerts(runtime) == {name(job): "the record of the job was deleted"}


async def test_a_worker_looks_by_itself(runtime: Runtime, database_id: UUID) -> None:
    job = await add(runtime, database_id, "queued", hours=2)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(30):
        tasks.create_task(watch_until(runtime, stop))
        while not await told(runtime):
            await asyncio.sleep(0.05)
        stop.set()
    assert await told(runtime) == [name(job)]


async def told(runtime: Runtime) -> list[str | None]:
    async with runtime.sessions() as session:
        return list((await session.exec(select(Alert.subject_id))).all())
