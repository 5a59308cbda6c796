"""A copy that turned out not to be what was written: kept as it is, never read again, and told to whoever is on duty."""

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import Problem
from app.events.alerts import open_alert
from app.events.models import AlertType
from app.kit.ids import encode_id
from app.locations.holdings import Backup, BackupCopy, BackupState, CopyState
from app.locations.models import Location


async def note_corrupt(session: AsyncSession, backup: Backup, location: Location, problem: Problem) -> None:
    """Its backup becomes partial. Nothing changes for a copy that is no longer taken for a good one."""
    found = update(BackupCopy).where(
        col(BackupCopy.backup_id) == backup.id,
        col(BackupCopy.location_id) == location.id,
        col(BackupCopy.state) == CopyState.AVAILABLE,
    )
    values = found.values(state=CopyState.CORRUPT.value, error=problem.document())
    if not (await session.exec(values.execution_options(synchronize_session=False))).rowcount:
        return
    await session.exec(
        update(Backup)
        .where(col(Backup.id) == backup.id, col(Backup.state) == BackupState.AVAILABLE)
        .values(state=BackupState.PARTIAL.value, revision=Backup.revision + 1)
        .execution_options(synchronize_session=False)
    )
    about = encode_id("bak", backup.id)
    await open_alert(
        session,
        AlertType.BACKUP_COPY_CORRUPT,
        about,
        title=f"The copy of {about} in {location.name} is not what was written",
        detail=f"{problem.detail} Copy the backup there anew from a good copy, or, where there is none, take a new backup at "
        "once.",
        project_id=location.project_id,
        database_id=backup.database_id,
        location_id=encode_id("loc", location.id),
        code=problem.code,
    )
