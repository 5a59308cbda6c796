"""Events as callers see them."""

from datetime import datetime
from typing import Any, Self

from pydantic import Field

from app.auth.schemas import View
from app.events.models import DomainEvent
from app.kit.ids import DatabaseId, EventId, JobId, ProjectId


class EventView(View):
    id: EventId
    at: datetime
    type: str = Field(examples=["backup.succeeded"])
    project_id: ProjectId
    database_id: DatabaseId | None
    subject_id: str | None = Field(description="The resource that it happened to.")
    job_id: JobId | None
    data: dict[str, Any]

    @classmethod
    def of(cls, event: DomainEvent) -> Self:
        return cls.model_validate(event.model_dump())
