"""What can stand against taking, handing out or deleting a backup."""

from uuid import UUID

from app.errors import Conflict, NotFound, Problem, Unavailable, Unprocessable
from app.kit.ids import encode_id
from app.locations.holdings import Backup, BackupCopy


class BackupNotFound(NotFound):
    def __init__(self, backup_id: UUID) -> None:
        super().__init__(f"There is no backup {encode_id('bak', backup_id)}.")


class BackupStateInvalid(Conflict):
    code, title = "STATE_INVALID", "The backup is in another state"

    def __init__(self, backup_id: UUID, state: str, action: str) -> None:
        super().__init__(f"{encode_id('bak', backup_id)} is {state} and cannot be {action}.", state=state)


class LocationRequired(Unprocessable):
    code, title = "LOCATION_REQUIRED", "Nowhere to keep the backup"

    def __init__(self) -> None:
        super().__init__("The project has no default location. Create one (POST /v1/locations), or name location_ids.")


class BackupInUse(Conflict):
    code, title = "HAS_DEPENDENTS", "Something still needs this"

    def __init__(self, restore_id: UUID) -> None:
        restore = encode_id("rst", restore_id)
        super().__init__(f"{restore} reads the backup. Wait for it to end, or cancel its job.", restore_id=restore)


class BackupPinned(Conflict):
    code, title = "BACKUP_PINNED", "Somebody wants the backup to stay"

    def __init__(self, backup: Backup) -> None:
        until = f"until {backup.pinned_until.isoformat()}" if backup.pinned_until else "until it is unpinned"
        super().__init__(
            f"{encode_id('bak', backup.id)} is pinned {until} by {backup.pinned_by}: {backup.pin_reason} "
            "PATCH it with pinned null to let it go.",
            reason=backup.pin_reason,
        )


class BackupBusy(Conflict):
    code, title = "HAS_DEPENDENTS", "Something still needs this"

    def __init__(self, job_id: UUID, kind: str) -> None:
        job = encode_id("job", job_id)
        super().__init__(f"{job} ({kind}) works with the backup. Wait for it to end, or cancel it.", job_id=job)


class CopyNotFound(NotFound):
    def __init__(self, backup_id: UUID, location_id: UUID) -> None:
        super().__init__(f"{encode_id('bak', backup_id)} has no copy in {encode_id('loc', location_id)}.")


class CopyStateInvalid(Conflict):
    code, title = "STATE_INVALID", "The copy is in another state"

    def __init__(self, copy: BackupCopy, action: str) -> None:
        job = None if copy.job_id is None else encode_id("job", copy.job_id)
        super().__init__(
            f"The copy in {encode_id('loc', copy.location_id)} is {copy.state} and cannot be {action}"
            + (f"; see {job}." if job else "."),
            state=copy.state,
            job_id=job,
        )


class OnlyGoodCopy(Conflict):
    code, title = "CONFIRMATION_MISSING", "The deletion must be confirmed"

    def __init__(self, backup_id: UUID) -> None:
        confirm = encode_id("bak", backup_id)
        super().__init__(
            "This is the only good copy of the newest good backup of its logical database. Copy it elsewhere first, or "
            f"repeat the request with ?confirm={confirm} to delete it all the same.",
            confirm=confirm,
        )


class LastGoodBackup(Conflict):
    code, title = "CONFIRMATION_MISSING", "The deletion must be confirmed"

    def __init__(self, backup_id: UUID) -> None:
        confirm = encode_id("bak", backup_id)
        super().__init__(
            f"This is the last good backup of its logical database. Repeat the request with ?confirm={confirm} to delete "
            "it all the same.",
            confirm=confirm,
        )


class ForgettingUnconfirmed(Conflict):
    code, title = "CONFIRMATION_MISSING", "What is to be given up must be confirmed"

    def __init__(self, location_id: UUID, *, copies: int, lost: int) -> None:
        confirm = encode_id("loc", location_id)
        super().__init__(
            f"{copies} copies of backups count as lost from then on, and {lost} backups have no good copy anywhere else: "
            f"nobody finds those again here. If the location does come back, its objects are still there. Repeat the request "
            f"with {confirm} as confirm.",
            confirm=confirm,
            copies=copies,
            lost=lost,
        )


class NoGoodCopy(Conflict):
    code, title = "NO_GOOD_COPY", "No location has a good copy"


class ArchiveIncomplete(Problem):
    """pg_dump said that all went well, and yet tables of the snapshot are not in the archive."""

    status, code, title = 500, "ARCHIVE_INCOMPLETE", "The archive lacks tables"


class DumpStalled(Unavailable):
    code, title = "DUMP_STALLED", "The dump made no progress"


class PrimaryFailed(Unavailable):
    """The location streamed to failed, and there is another one to try."""

    code, title = "LOCATION_SKIPPED", "The location failed, the next one is taken"


class ArchiveOutgrown(Unavailable):
    """Its upload came to the end of the location's number of parts."""

    code, title = "ARCHIVE_OUTGROWN", "The archive needs larger parts"


class ManifestConflict(Conflict):
    code, title = "MANIFEST_CONFLICT", "Another manifest stands in the backup's place"


class BackupCancelled(Problem):
    status, code, title = 409, "CANCELLED", "The backup was cancelled"
