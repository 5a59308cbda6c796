"""What Prometheus is told of jobs: by this process's worker as they end, and of the queue when somebody asks."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.sql import run_sql
from app.jobs.models import Job
from app.jobs.states import LIVE, JobState

REGISTRY = CollectorRegistry()
_BUCKETS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 12 * 3600)

ENDED = Counter("jobs_ended", "Jobs that ended, by kind and final state.", ("kind", "state"), registry=REGISTRY)
DURATION = Histogram(
    "jobs_duration_seconds",
    "Time from a job's first claim to its end.",
    ("kind", "state"),
    registry=REGISTRY,
    buckets=_BUCKETS,
)
LEASES_LOST = Counter("jobs_leases_lost", "Jobs that this worker held and lost to another one.", registry=REGISTRY)
WORKERS_LOST = Counter("jobs_workers_lost", "Leases that ended because their worker died.", registry=REGISTRY)
DEPTH = Gauge("jobs_live", "Jobs that have not ended, by state.", ("state",), registry=REGISTRY)
OLDEST = Gauge("jobs_oldest_due_seconds", "How long the longest-due job has waited for a worker.", registry=REGISTRY)

_QUEUE = text("""
    SELECT state, count(*) AS jobs,
           coalesce(extract(epoch FROM now() - min(run_after) FILTER (
               WHERE lease_token IS NULL AND run_after <= now())), 0) AS oldest
    FROM job WHERE finished_at IS NULL GROUP BY state
""")


def count_end(job: Job, state: JobState, now: datetime) -> None:
    assert job.claimed_at is not None
    ENDED.labels(job.kind, state).inc()
    DURATION.labels(job.kind, state).observe(max(0.0, (now - job.claimed_at).total_seconds()))


async def look_at_queue(session: AsyncSession) -> None:
    """Sets the gauges, so that what is printed next is of now."""
    rows: dict[str, Row[tuple[str, int, float]]] = {row.state: row for row in (await run_sql(session, _QUEUE)).all()}
    for state in JobState:
        if state in LIVE:
            DEPTH.labels(state).set(rows[state].jobs if state in rows else 0)
    OLDEST.set(max((float(row.oldest) for row in rows.values()), default=0.0))
