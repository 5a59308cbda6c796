"""What is cleared away, and what is kept."""

from typing import Any

from app.auth.models import IdempotencyKey
from app.events.models import DomainEvent
from app.jobs.maintenance import KEPT_DAYS, maintain, prune
from app.jobs.states import JobState
from app.kit.clock import utc_now
from app.kit.ids import new_id
from tests.jobs.harness import Jobs, eventually
from tests.jobs.kinds import Backup, Other, Plain, flow


async def age(jobs: Jobs, days: float, **where: Any) -> None:
    condition = " AND ".join(f"{name} = :{name}" for name in where) or "true"
    await jobs.execute(
        f"UPDATE job SET finished_at = now() - make_interval(secs => :age) WHERE finished_at IS NOT NULL AND {condition}",
        age=days * 86_400,
        **where,
    )


async def ended(jobs: Jobs, count: int = 1, **options: Any) -> list[Any]:
    async with jobs.worker(flow(Plain)):
        wanted = [await jobs.enqueue(Plain(), **options) for _ in range(count)]
        return [await jobs.until(job, JobState.SUCCEEDED) for job in wanted]


async def test_jobs_that_ended_long_ago_go_with_their_events_and_younger_ones_stay(jobs: Jobs) -> None:
    old, young = await ended(jobs, 2)
    await age(jobs, KEPT_DAYS + 0.1, id=old.id)
    await age(jobs, KEPT_DAYS - 0.1, id=young.id)
    live = await jobs.enqueue(Backup())
    await jobs.execute("UPDATE job SET created_at = now() - interval '90 days' WHERE id = :id", id=live.id)
    assert await prune(jobs.sessions) == 1
    assert [job.id for job in await jobs.all()] == [young.id, live.id]
    assert await jobs.events(old) == []
    assert await jobs.events(young)


async def test_pruning_works_in_batches_until_nothing_is_left(jobs: Jobs) -> None:
    await ended(jobs, 7)
    await age(jobs, 31)
    assert await prune(jobs.sessions, batch=3) == 7
    assert await prune(jobs.sessions, batch=3) == 0


async def test_children_go_with_their_parent_and_keep_it_while_they_live(jobs: Jobs) -> None:
    (parent,) = await ended(jobs)
    (child,) = await ended(jobs, parent=parent)
    live = await jobs.enqueue(Other(), parent=parent)
    await age(jobs, 31)
    assert await prune(jobs.sessions) == 0
    await jobs.execute("UPDATE job SET state = 'cancelled', finished_at = now() WHERE id = :id", id=live.id)
    assert await prune(jobs.sessions) == 1
    assert await jobs.all() == []
    assert await jobs.events(child) == []


async def test_an_old_child_stays_as_long_as_its_parent_may_ask_for_it(jobs: Jobs) -> None:
    parent = await jobs.enqueue(Other())
    await ended(jobs, parent=parent)
    await age(jobs, 31)
    assert await prune(jobs.sessions) == 0


async def test_a_worker_clears_away_old_jobs_and_expired_answers_and_keeps_domain_events(jobs: Jobs) -> None:
    await ended(jobs)
    await age(jobs, 31)
    values: dict[str, Any] = {
        "principal": new_id(),
        "route": "r",
        "fingerprint": b"x",
        "status": 202,
        "headers": {},
        "body": "{}",
    }
    async with jobs.sessions() as session, session.begin():
        session.add(IdempotencyKey(key="old", expires_at=utc_now().replace(year=2020), **values))
        session.add(IdempotencyKey(key="new", expires_at=utc_now().replace(year=2099), **values))
        session.add(DomainEvent(type="database.created", project_id=new_id(), data={}))
        await session.flush()
    await jobs.execute("UPDATE domain_event SET at = now() - interval '1 year'")
    async with jobs.worker(flow(Plain)):
        await eventually(lambda: jobs.execute("SELECT count(*) = 0 FROM job"))
        await eventually(lambda: jobs.execute("SELECT count(*) = 1 FROM idempotency_key"))
    assert await jobs.execute("SELECT key FROM idempotency_key") == "new"
    assert await jobs.execute("SELECT count(*) FROM domain_event") == 1
    await maintain(jobs.sessions)
