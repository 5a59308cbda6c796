"""What can stand against restoring a backup, confirming a restore or undoing it."""

from collections.abc import Collection
from uuid import UUID

from app.errors import Conflict, NotFound, Problem, Unprocessable
from app.kit.ids import encode_id


class RestoreNotFound(NotFound):
    def __init__(self, restore_id: UUID) -> None:
        super().__init__(f"There is no restore {encode_id('rst', restore_id)}.")


class BackupNotFound(NotFound):
    def __init__(self, backup_id: UUID) -> None:
        super().__init__(f"There is no backup {encode_id('bak', backup_id)}.")


class BackupNotRestorable(Conflict):
    code, title = "STATE_INVALID", "The backup cannot be restored"

    def __init__(self, backup_id: UUID, state: str) -> None:
        super().__init__(f"{encode_id('bak', backup_id)} is {state}; only available ones can be restored.", state=state)


class CopyMissing(Conflict):
    code, title = "COPY_MISSING", "No good copy of the backup is left"

    def __init__(self, backup_id: UUID) -> None:
        super().__init__(f"No location has a good copy of {encode_id('bak', backup_id)}; its copies say why.")


class RestoreStateInvalid(Conflict):
    code, title = "STATE_INVALID", "The restore is in another state"

    def __init__(self, restore_id: UUID, state: str, action: str) -> None:
        super().__init__(
            f"{encode_id('rst', restore_id)} is {state} and has nothing that could be {action}: that is for a restore in "
            "place whose other database still stands beside it.",
            state=state,
        )


class RestoreImpossible(Unprocessable):
    """The request contradicts itself or the backup."""

    code, title = "RESTORE_IMPOSSIBLE", "This backup cannot be restored that way"


class ProjectMismatch(Unprocessable):
    code, title = "PROJECT_MISMATCH", "The backup and the target belong to different projects"

    def __init__(self) -> None:
        super().__init__("A backup is restored within its project. Choose a database or environment of the same one.")


class ExtensionUnavailable(Unprocessable):
    code, title = "EXTENSION_UNAVAILABLE", "The target server lacks an extension"

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(
            f"The backup needs the extensions {', '.join(names)}, which the target server cannot create. Install their "
            "packages there, or restore into a server that has them.",
            extensions=list(names),
        )


class ExtensionAbsent(Unprocessable):
    code, title = "EXTENSION_ABSENT", "The target database lacks an extension"

    def __init__(self, wanted: Collection[str], database: str) -> None:
        super().__init__(
            f"The tables need the extension {', '.join(wanted)}, and the logical database {database!r} does not have it "
            "there. Create it yourself, since that changes more than the new schema, or restore into a new logical database.",
            extensions=list(wanted),
        )


class RoleMissing(Unprocessable):
    code, title = "ROLE_MISSING", "The target server lacks a role"

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(
            f"role_map names the roles {', '.join(names)}, which the target server does not have. Create them first.",
            roles=list(names),
        )


class TargetAbsent(Unprocessable):
    code, title = "DATABASE_ABSENT", "There is nothing to replace"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The server has no logical database {name!r} to replace. Restore into a new one of that name instead "
            "(target kind logical_database)."
        )


class SafetyBackupImpossible(Conflict):
    code, title = "SAFETY_BACKUP_IMPOSSIBLE", "No safety backup can be taken"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Before a database is replaced a safety backup of it is taken, but {reason}. Mend that, or give it up with "
            "safety_backup=false."
        )


class NewServerFailed(Problem):
    code, title = "NEW_DATABASE_FAILED", "The new database was not made"


class RestoreMismatch(Problem):
    """Every byte was right and pg_restore content, yet the result differs from what was counted before the dump."""

    code, title = "RESTORE_MISMATCH", "The restored database differs from the backup"
