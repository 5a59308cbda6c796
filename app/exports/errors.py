"""What can stand against handing data out."""

from collections.abc import Collection
from uuid import UUID

from app.errors import Conflict, NotFound, Problem, Unprocessable
from app.kit.ids import encode_id


class ExportNotFound(NotFound):
    def __init__(self, export_id: UUID) -> None:
        super().__init__(f"There is no export {encode_id('exp', export_id)}.")


class BackupNotFound(NotFound):
    def __init__(self, backup_id: UUID) -> None:
        super().__init__(f"There is no backup {encode_id('bak', backup_id)}.")


class BackupNotExportable(Conflict):
    code, title = "STATE_INVALID", "The backup cannot be exported"

    def __init__(self, backup_id: UUID, state: str) -> None:
        super().__init__(f"{encode_id('bak', backup_id)} is {state}; only available ones can be exported.", state=state)


class CopyMissing(Conflict):
    code, title = "COPY_MISSING", "No good copy of the backup is left"

    def __init__(self, backup_id: UUID) -> None:
        super().__init__(f"No location has a good copy of {encode_id('bak', backup_id)}; its copies say why.")


class ExportStateInvalid(Conflict):
    code, title = "STATE_INVALID", "The export is in another state"

    def __init__(self, export_id: UUID, state: str, action: str) -> None:
        super().__init__(f"{encode_id('exp', export_id)} is {state} and cannot be {action}.", state=state)


class ExportImpossible(Unprocessable):
    """The request contradicts the backup."""

    code, title = "EXPORT_IMPOSSIBLE", "This backup cannot be exported that way"


class ExportCancelled(Problem):
    status, code, title = 409, "CANCELLED", "The export was cancelled"


class SameName(Unprocessable):
    code, title = "COPY_IMPOSSIBLE", "A database cannot be copied over itself"


class ProjectMismatch(Unprocessable):
    code, title = "PROJECT_MISMATCH", "The two databases belong to different projects"

    def __init__(self) -> None:
        super().__init__("A database is copied within its project. Choose a target of the same one.")


class SourceAbsent(Conflict):
    code, title = "DATABASE_ABSENT", "There is no such logical database"


class CopyMismatch(Problem):
    """It was loaded without an error, and yet does not hold what was counted."""

    status, code, title = 500, "COPY_MISMATCH", "The copy is not equal to its source"


class ExtensionUnavailable(Unprocessable):
    code, title = "EXTENSION_UNAVAILABLE", "The target lacks an extension"

    def __init__(self, names: Collection[str]) -> None:
        listed = ", ".join(names)
        super().__init__(
            f"The target's server cannot create {listed}. Install the packages there, or drop the extensions."
        )
