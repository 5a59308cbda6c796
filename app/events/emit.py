"""Writing a fact down, in the transaction that makes it true."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.events.models import DomainEvent


def emit(
    session: AsyncSession,
    kind: str,
    *,
    project_id: UUID,
    database_id: UUID | None = None,
    subject_id: str | None = None,
    job_id: UUID | None = None,
    **data: Any,
) -> None:
    """``kind`` is a past-tense dotted name such as ``backup.succeeded``; ``data`` is JSON and holds no secret."""
    session.add(
        DomainEvent(
            type=kind,
            project_id=project_id,
            database_id=database_id,
            subject_id=subject_id,
            job_id=job_id,
            data=data,
        )
    )
