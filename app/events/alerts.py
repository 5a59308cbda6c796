"""Opening and clearing alerts, in the transaction that makes it true.

An incident is announced twice whatever happens between: when its row is made, and when it is cleared. The announcement is
a job of the same transaction, so there is none for what was rolled back and none is lost.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import current_request_id
from app.events.models import Alert, AlertType, Severity
from app.events.repository import AlertRepository
from app.events.schemas import AlertView, AnnounceAlert, Announcement
from app.jobs.enqueue import enqueue
from app.kit.ids import encode_id

log = structlog.get_logger()

# Together they keep a message far below the 20 kB that a webhook should have.
LONGEST_TITLE: Final = 200
LONGEST_DETAIL: Final = 2000

SEVERITY: Final = {
    AlertType.BACKUP_FAILED: Severity.CRIT,
    AlertType.BACKUP_DELETION_FAILED: Severity.WARN,
    AlertType.BACKUP_VERIFY_FAILED: Severity.CRIT,
    AlertType.BACKUP_COPY_CORRUPT: Severity.CRIT,
    AlertType.BACKUP_COPY_FAILED: Severity.WARN,
    AlertType.BACKUP_COPY_DELETION_FAILED: Severity.WARN,
    AlertType.BACKUP_OVERDUE: Severity.CRIT,
    AlertType.SCHEDULE_MISSED: Severity.WARN,
    AlertType.RETENTION_BLOCKED: Severity.WARN,
    AlertType.DATABASE_LEFT_PUBLIC: Severity.CRIT,
    AlertType.DATABASE_UNREACHABLE: Severity.CRIT,
    AlertType.DATABASE_DISK_FILLING: Severity.WARN,
    AlertType.DATABASE_DISK_NEARLY_FULL: Severity.CRIT,
    AlertType.CERTIFICATE_EXPIRING: Severity.WARN,
    AlertType.CERTIFICATE_NEARLY_EXPIRED: Severity.CRIT,
    AlertType.CERTIFICATE_CHANGED: Severity.CRIT,
    AlertType.CREDENTIAL_OVERDUE: Severity.CRIT,
    AlertType.POOLER_STOPPED: Severity.CRIT,
    AlertType.RESTORE_UNCONFIRMED: Severity.WARN,
    AlertType.STORAGE_CLOCK_SKEW: Severity.WARN,
    AlertType.JOB_OVERDUE: Severity.WARN,
    AlertType.RAILWAY_CONNECTION_REFUSED: Severity.CRIT,
    AlertType.RAILWAY_ORPHAN: Severity.WARN,
    AlertType.RAILWAY_SCHEMA_DRIFT: Severity.WARN,
}


async def open_alert(
    session: AsyncSession,
    kind: AlertType,
    about: str,
    *,
    title: str,
    detail: str,
    project_id: UUID | None,
    database_id: UUID | None = None,
    subject_id: str | None = None,
    **data: str | float | None,
) -> None:
    """``about`` is the outside id that the incident belongs to. While it is open, this only notes that it was seen again.

    ``subject_id`` is the resource to look at, ``about`` unless given. ``data`` is short and holds no secret.
    """
    alert = Alert(
        key=_key(kind, about),
        type=kind,
        severity=SEVERITY[kind],
        project_id=project_id,
        database_id=database_id,
        subject_id=subject_id or about,
        title=_storable(title, LONGEST_TITLE),
        detail=_storable(detail, LONGEST_DETAIL),
        data=data,
    )
    opened = await AlertRepository(session).open(alert)
    if opened.id == alert.id:
        log.warning("alert.opened", alert_id=encode_id("alr", opened.id), key=opened.key, detail=opened.detail)
        await _announce(session, opened, Announcement.FIRED, opened.opened_at)


async def clear_alert(session: AsyncSession, kind: AlertType, about: str, *, reason: str) -> None:
    """Fine when there is none."""
    await _clear(session, _key(kind, about), reason)


async def clear_alerts_of(
    session: AsyncSession, database_id: UUID, types: Collection[AlertType], *, reason: str
) -> None:
    """All of these types that a database has."""
    for alert in await AlertRepository(session).open_of(types=types, database_id=database_id):
        await _clear(session, alert.key, reason)


async def open_subjects(session: AsyncSession, kind: AlertType) -> set[str | None]:
    """What has an open alert of this type: for those who look now and then, and tell of news only."""
    return {alert.subject_id for alert in await AlertRepository(session).open_of(types=[kind])}


async def _clear(session: AsyncSession, key: str, reason: str) -> None:
    cleared = await AlertRepository(session).clear(key, reason)
    if cleared is not None and cleared.cleared_at is not None:
        log.info("alert.cleared", alert_id=encode_id("alr", cleared.id), key=key, reason=reason)
        await _announce(session, cleared, Announcement.RESOLVED, cleared.cleared_at)


async def _announce(session: AsyncSession, alert: Alert, announcement: Announcement, at: datetime) -> None:
    """The job belongs to no project: its errors speak of the operator's webhook."""
    view = AlertView.of(alert).model_dump(mode="json")
    args = AnnounceAlert(
        alert_id=alert.id,
        announcement=announcement,
        message={"type": announcement.value, "timestamp": at.isoformat(), "data": view},
    )
    await enqueue(
        session,
        args,
        created_by=f"alert:{encode_id('alr', alert.id)}",
        subject_id=args.subject_id(),
        dedupe_key=args.message_id(),
        request_id=current_request_id(),
    )


def _key(kind: AlertType, about: str) -> str:
    return f"{kind}:{about}"


def _storable(text: str, longest: int) -> str:
    """Errors may quote NUL and lone surrogates from the world outside, which no text column takes."""
    text = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
