"""Events and alerts as callers see them, and the job that announces an alert."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import Field

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.events.models import Alert, AlertType, DomainEvent, Severity
from app.jobs.contract import JobArgs
from app.kit.ids import AlertId, DatabaseId, EventId, JobId, ProjectId, encode_id


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


class AlertState(StrEnum):
    OPEN = "open"
    CLEARED = "cleared"


class AlertStateFilter(StrEnum):
    OPEN = "open"
    CLEARED = "cleared"
    ALL = "all"


class AlertView(View):
    """An incident, from when it was noticed until it is over."""

    id: AlertId
    key: str = Field(
        description="At most one open alert has it.", examples=["backup.failed:db_01m8250eh0fz3vdgx5k6t0d858"]
    )
    type: AlertType
    state: AlertState
    severity: Severity
    project_id: ProjectId | None = Field(description="Null: of this installation.")
    database_id: DatabaseId | None
    subject_id: str | None = Field(description="The resource that it is about.")
    title: str
    detail: str = Field(description="The cause as it was seen last, and the way out.")
    data: dict[str, Any]
    opened_at: datetime
    last_seen_at: datetime
    count: int = Field(description="How often it was seen since it was opened.")
    cleared_at: datetime | None
    cleared_reason: str | None

    @classmethod
    def of(cls, alert: Alert) -> Self:
        state = AlertState.OPEN if alert.cleared_at is None else AlertState.CLEARED
        return cls.model_validate(alert.model_dump() | {"state": state})


class Announcement(StrEnum):
    """What a webhook tells of an alert, under the names of the public event types."""

    FIRED = "alert.fired"
    RESOLVED = "alert.resolved"


# Ten attempts within 76 hours, after which the second announcement of the incident may need as long.
class AnnounceAlert(
    JobArgs,
    kind="alerts.announce",
    conflict=None,
    scope=Scope.JOBS_WRITE,
    attempts=10,
    deadline_seconds=7 * 86_400,
    priority=50,
):
    """The message is kept as it was when the alert was opened or cleared, so that all attempts send the same bytes."""

    alert_id: AlertId
    announcement: Announcement
    message: dict[str, Any]

    def subject_id(self) -> str | None:
        return encode_id("alr", self.alert_id)

    def message_id(self) -> str:
        """The same over all attempts and retries, by which a receiver knows a repetition; no two live jobs have it."""
        return f"{self.subject_id()}_{self.announcement.name.lower()}"

    def predecessor(self) -> Self | None:
        """What must be announced before."""
        if self.announcement is Announcement.FIRED:
            return None
        return self.model_copy(update={"announcement": Announcement.FIRED})
