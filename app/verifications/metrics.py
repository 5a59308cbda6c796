"""What Prometheus is told of verifications, when somebody asks."""

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.sql import run_sql

REGISTRY = CollectorRegistry()
UNVERIFIED = Gauge(
    "backups_unverified_seconds",
    "Longest time that an available database has been without a backup that was verified since.",
    registry=REGISTRY,
)

_UNVERIFIED = text("""
    SELECT coalesce(max(extract(epoch FROM now() - newest)), 0) AS seconds
    FROM (SELECT coalesce(max(backup.verified_at), database.created_at) AS newest
          FROM database LEFT JOIN backup ON backup.database_id = database.id
          WHERE database.state = 'available' GROUP BY database.id) AS database
""")


async def look_at_backups(session: AsyncSession) -> None:
    """Sets the gauge, so that what is printed next is of now."""
    UNVERIFIED.set(float((await run_sql(session, _UNVERIFIED)).scalar_one()))
