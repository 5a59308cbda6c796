"""What can stand against fetching a file from elsewhere, or restoring it."""

from uuid import UUID

from app.errors import Conflict, NotFound, Problem, Unprocessable
from app.kit.ids import encode_id


class ImportNotFound(NotFound):
    def __init__(self, import_id: UUID) -> None:
        super().__init__(f"There is no import {encode_id('imp', import_id)}.")


class ImportStateInvalid(Conflict):
    code, title = "STATE_INVALID", "The import is in another state"

    def __init__(self, import_id: UUID, state: str, action: str) -> None:
        super().__init__(f"{encode_id('imp', import_id)} is {state} and cannot be {action}.", state=state)


class ImportInUse(Conflict):
    code, title = "HAS_DEPENDENTS", "Something still needs this"

    def __init__(self, job_id: UUID) -> None:
        job = encode_id("job", job_id)
        super().__init__(f"{job} reads the file. Wait for it to end, or cancel it.", blocking_job_id=job)


class NowhereToKeep(Unprocessable):
    code, title = "LOCATION_REQUIRED", "Nowhere to keep the file"

    def __init__(self) -> None:
        super().__init__("The project has no default location. Create one (POST /v1/locations), or name location_id.")


class FormatUnsupported(Unprocessable):
    code, title = "SOURCE_FORMAT_UNSUPPORTED", "The file is no dump that can be imported"


class SourceTooLarge(Unprocessable):
    code, title = "SOURCE_TOO_LARGE", "The file is larger than this service takes"


class SourceDamaged(Unprocessable):
    code, title = "SOURCE_DAMAGED", "The file is damaged"


class SourceMismatch(Unprocessable):
    code, title = "SOURCE_MISMATCH", "The file is not the one that was announced"


class ArchiveIsBackup(Conflict):
    code, title = "STATE_INVALID", "The import is a backup"

    def __init__(self, backup_id: UUID) -> None:
        backup = encode_id("bak", backup_id)
        super().__init__(
            f"The file was an archive and became {backup}. Restore that (POST /v1/backups/{backup}:restore)."
        )


class ProjectMismatch(Unprocessable):
    code, title = "PROJECT_MISMATCH", "The file and the target belong to different projects"

    def __init__(self) -> None:
        super().__init__("A file is restored within its project. Choose a database of the same one.")


class ManifestClash(Conflict):
    code, title = "MANIFEST_CONFLICT", "Another manifest stands in the backup's place"


class ImportCancelled(Problem):
    status, code, title = 409, "CANCELLED", "The import was cancelled"


class UploadExpired(Conflict):
    code, title = "UPLOAD_EXPIRED", "The upload was not completed in time"
