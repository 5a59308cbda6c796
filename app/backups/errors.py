"""What can stand against taking, handing out or deleting a backup."""

from uuid import UUID

from app.errors import Conflict, NotFound, Problem, Unavailable, Unprocessable
from app.kit.ids import encode_id


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


class LastGoodBackup(Conflict):
    code, title = "CONFIRMATION_MISSING", "The deletion must be confirmed"

    def __init__(self, backup_id: UUID) -> None:
        confirm = encode_id("bak", backup_id)
        super().__init__(
            f"This is the last good backup of its logical database. Repeat the request with ?confirm={confirm} to delete "
            "it all the same.",
            confirm=confirm,
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


class ManifestConflict(Conflict):
    code, title = "MANIFEST_CONFLICT", "Another manifest stands in the backup's place"


class BackupCancelled(Problem):
    status, code, title = 409, "CANCELLED", "The backup was cancelled"
