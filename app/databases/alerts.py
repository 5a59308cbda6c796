"""The alert of a server that is out of reach: opened and cleared by the state of its database."""

from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.models import Database, DatabaseState
from app.events.alerts import clear_alert, clear_alerts_of, open_alert
from app.events.models import AlertType
from app.kit.ids import encode_id

# Those that end with the server. What is wrong with its backups stays: they outlive it.
_OF_SERVERS: Final = (
    AlertType.DATABASE_UNREACHABLE,
    AlertType.DATABASE_DISK_FILLING,
    AlertType.DATABASE_DISK_NEARLY_FULL,
    AlertType.CERTIFICATE_EXPIRING,
    AlertType.CERTIFICATE_NEARLY_EXPIRED,
    AlertType.CERTIFICATE_CHANGED,
    AlertType.BACKUP_FAILED,
    AlertType.BACKUP_OVERDUE,
    AlertType.SCHEDULE_MISSED,
    AlertType.RESTORE_UNCONFIRMED,
)


async def alert_by_state(session: AsyncSession, database: Database) -> None:
    """For the state that it has now. A job that is at work on the server changes nothing until it ends."""
    about = encode_id("db", database.id)
    if database.state in (DatabaseState.UNREACHABLE, DatabaseState.MISSING):
        await open_alert(
            session,
            AlertType.DATABASE_UNREACHABLE,
            about,
            title=f"The database {database.name} is {database.state}",
            detail=database.state_reason or "Nothing is known of the cause.",
            project_id=database.project_id,
            database_id=database.id,
        )
    elif database.state == DatabaseState.AVAILABLE:
        await clear_alert(session, AlertType.DATABASE_UNREACHABLE, about, reason="it is available")
    elif database.state == DatabaseState.DELETED:
        await clear_alerts_of(session, database.id, _OF_SERVERS, reason="the database was deleted")
