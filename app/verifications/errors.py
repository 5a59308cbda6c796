"""What can stand against verifying a backup, and what a verification finds."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.errors import Conflict, NotFound, Problem, Unavailable
from app.kit.ids import encode_id


class BackupNotFound(NotFound):
    def __init__(self, backup_id: UUID) -> None:
        super().__init__(f"There is no backup {encode_id('bak', backup_id)}.")


class VerificationNotFound(NotFound):
    def __init__(self, verification_id: UUID) -> None:
        super().__init__(f"There is no verification {encode_id('ver', verification_id)}.")


class BackupNotVerifiable(Conflict):
    code, title = "STATE_INVALID", "The backup cannot be verified"

    def __init__(self, backup_id: UUID, state: str) -> None:
        super().__init__(f"{encode_id('bak', backup_id)} is {state}; only available ones can be verified.", state=state)


class CopyMissing(Conflict):
    code, title = "COPY_MISSING", "There is no copy to look at"

    def __init__(self, backup_id: UUID, location_id: UUID | None) -> None:
        where = (
            f"{encode_id('loc', location_id)} has no finished copy" if location_id else "No location has a good copy"
        )
        super().__init__(f"{where} of {encode_id('bak', backup_id)}; its copies say why.")


class ScratchDiskShort(Unavailable):
    """Refused before anything was made."""

    code, title = "SCRATCH_DISK_SHORT", "There is not enough disk to restore the backup for a look"

    def __init__(self, *, needed_bytes: int, free_bytes: int, folder: str) -> None:
        super().__init__(
            f"Restoring it needs about {needed_bytes // 2**20} MiB in {folder}, where {free_bytes // 2**20} MiB are free. "
            "Free some, enlarge the disk, or verify on another worker.",
            needed_bytes=needed_bytes,
            free_bytes=free_bytes,
        )


class NothingSeen(Problem):
    status, code, title = 503, "LOCATIONS_UNREACHABLE", "No copy of the backup could be looked at"

    def __init__(self, cause: dict[str, Any]) -> None:
        super().__init__(f"Nothing was found out about the backup. {cause.get('detail')}", cause=cause)


class BackupBad(Problem):
    """No copy is to blame: what was stored is what was written, and that is not what it says it is."""

    code, title = "BACKUP_BAD", "The backup is not what its manifest says"


class VerificationFailed(Problem):
    """How the job ends: the verification is done, and was not passed. ``cause`` is what was found."""

    code, title = "VERIFICATION_FAILED", "The backup did not pass"

    def __init__(self, verification_id: UUID, cause: dict[str, Any]) -> None:
        super().__init__(
            f"{encode_id('ver', verification_id)} has the report. {cause.get('detail')}",
            verification_id=encode_id("ver", verification_id),
            cause=cause,
        )


class Unverifiable(Problem):
    """Nothing was found against the backup, but what it takes to look further is not here. ``missing`` names it."""

    code, title = "UNVERIFIABLE", "This machine lacks what the backup needs to be verified"

    def __init__(self, detail: str, *, missing: Sequence[str] = ()) -> None:
        super().__init__(detail, missing=list(missing))
