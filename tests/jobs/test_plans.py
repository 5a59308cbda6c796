"""The statements that run all day use the indexes that were made for them, also when the tables are large."""

from typing import Any

import pytest
from sqlalchemy import Dialect, text

from app.db.sql import named_sql
from app.jobs import scheduler
from app.kit.clock import utc_now
from tests.jobs.harness import HOST, Jobs

ROWS = 20_000


@pytest.fixture
async def many(jobs: Jobs) -> Jobs:
    """Mostly finished jobs, some queued, a few held: what a service looks like that has run for a month."""
    await jobs.execute(
        "INSERT INTO job (id, root_id, kind, args, args_version, priority, max_attempts, created_by, attempt,"
        " cancellable, progress, event_number, revision, run_after, state, finished_at, lease_token, lease_ends)"
        " SELECT id, id, 'test.plain', '{}', 1, 100, 5, 'test', CASE WHEN n % 100 = 1 THEN 1 ELSE 0 END, true, '{}', 0,"
        " 0, now() - interval '1 minute',"
        " CASE WHEN n % 10 > 1 THEN 'succeeded' WHEN n % 100 = 1 THEN 'running' ELSE 'queued' END,"
        " CASE WHEN n % 10 > 1 THEN now() - n * interval '3 minutes' END,"
        " CASE WHEN n % 100 = 1 THEN gen_random_uuid() END,"
        " CASE WHEN n % 100 = 1 THEN now() + (n % 7 - 1) * interval '10 seconds' END"
        " FROM (SELECT gen_random_uuid() AS id, n FROM generate_series(1, :rows) AS n) AS numbered",
        rows=ROWS,
    )
    await jobs.execute(
        "INSERT INTO schedule (id, owner, kind, args, cron, zone, jitter_seconds, catch_up, enabled, slot, next_run_at)"
        " SELECT gen_random_uuid(), 'o' || n, 'test.plain', '{}', '0 * * * *', 'UTC', 0, 'once', true,"
        " now() + n * interval '1 second', now() + n * interval '1 second' FROM generate_series(1, :rows) AS n",
        rows=ROWS,
    )
    await jobs.execute("ANALYZE")
    return jobs


async def plan(jobs: Jobs, statement: Any, **parameters: Any) -> str:
    async with jobs.sessions() as session:
        connection = await session.connection()
        return "\n".join((await connection.execute(text(f"EXPLAIN {statement}"), parameters)).scalars())


async def test_the_claim_walks_the_index_of_claimable_jobs_in_order(many: Jobs) -> None:
    statement = named_sql("app.jobs", "claim")
    claimant = {"host_id": HOST, "label": None, "only_label": False, "holder": "me", "lease_seconds": 45.0}
    found = await plan(many, statement, kinds=["test.plain"], ids=None, limit=4, **claimant)
    assert "Index Scan using ix_job_claimable on job" in found
    assert "Sort" not in found
    assert "Seq Scan on job " not in found


async def test_the_reaper_reads_the_index_of_leases(many: Jobs) -> None:
    found = await plan(many, named_sql("app.jobs", "expired"))
    assert "ix_job_leased" in found
    assert "Seq Scan" not in found


async def test_pruning_reads_the_index_of_ends(many: Jobs) -> None:
    found = await plan(many, named_sql("app.jobs", "prune"), days=30, limit=500)
    assert "ix_job_finished_at" in found
    assert "ix_job_parent_id" in found


async def test_the_scheduler_reads_the_index_of_what_is_due(many: Jobs) -> None:
    dialect: Dialect = many.sessions.kw["bind"].dialect
    compiled = scheduler.due_query(utc_now()).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    found = await plan(many, str(compiled).replace(":", r"\:"))
    assert "Index Scan using ix_schedule_due on schedule" in found
    assert "Sort" not in found
