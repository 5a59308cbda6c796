"""The schedule of an application, which is a row of the job system's."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.jobs.models import Schedule


def owner_of(application_id: UUID) -> str:
    return f"application:{application_id}:rotation"


async def schedule_of(session: AsyncSession, application_id: UUID) -> Schedule | None:
    return (await session.exec(select(Schedule).where(Schedule.owner == owner_of(application_id)))).one_or_none()
