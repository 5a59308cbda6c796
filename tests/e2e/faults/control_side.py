"""What the faults of the control plane look at: who holds a job, and what the control database counts."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import select

from app.jobs.models import Job
from app.kit.ids import decode_id
from tests.e2e.faults.server_side import until
from tests.e2e.world import World

# Rows that a request can make. Heartbeats, leases and uses of keys come and go by themselves.
TABLES: Final = (
    *("project", "environment", "database", "location", "backup", "backup_copy", "restore", "job", "job_event"),
    *("schedule", "api_key", "audit_event", "domain_event", "idempotency_key"),
)


async def holder(world: World, job: dict[str, Any]) -> int:
    """The number of the worker that runs the job."""
    found: list[str] = []

    async def look() -> bool:
        name = await _holder_name(world, decode_id("job", job["id"]))
        found[:] = [name] if name else []
        return bool(found)

    await until(look, "nobody runs the job")
    return world.workers.index_of(found[0])


async def _holder_name(world: World, job_id: UUID) -> str | None:
    async with world.sessions() as session:
        return (await session.exec(select(Job.holder).where(Job.id == job_id))).one()


async def taken_over(world: World, job: dict[str, Any], frm: int) -> None:
    """Returns once another worker than ``frm`` runs the job."""

    async def look() -> bool:
        name = await _holder_name(world, decode_id("job", job["id"]))
        return name is not None and world.workers.index_of(name) != frm

    await until(look, "nobody takes the job over")


async def rows(world: World) -> dict[str, int]:
    """How many there are in each table."""
    async with world.sessions() as session:
        connection = await session.connection()
        return {
            table: (await connection.execute(text(f'SELECT count(*) FROM "{table}"'))).scalar_one() for table in TABLES
        }


async def reasons(world: World, job: dict[str, Any]) -> list[str]:
    """Why the job changed hands, in order."""
    async with world.sessions() as session:
        connection = await session.connection()
        query = text("SELECT detail ->> 'reason' FROM job_event WHERE job_id = :id AND kind = 'state' ORDER BY number")
        found = (await connection.execute(query, {"id": decode_id("job", job["id"])})).scalars()
        return [reason for reason in found if reason]
