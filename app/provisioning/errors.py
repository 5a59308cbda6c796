"""What can stand against making or removing a database."""

from uuid import UUID

from app.errors import Conflict, Problem, Unprocessable
from app.kit.ids import encode_id


class ProviderUnknown(Unprocessable):
    code, title = "PROVIDER_UNAVAILABLE", "The provider is not offered here"

    def __init__(self, provider: str) -> None:
        super().__init__(f"This installation offers no provider {provider}.", provider=provider)


class EnvironmentMissing(Unprocessable):
    code, title = "ENVIRONMENT_MISSING", "There is no such environment"

    def __init__(self, environment_id: UUID | None) -> None:
        super().__init__(
            "The project has no environment of the kind production; name one by environment_id."
            if environment_id is None
            else f"The project has no environment {encode_id('env', environment_id)}."
        )


class DatabaseProtected(Conflict):
    code, title = "PROTECTED", "The database is protected"

    def __init__(self) -> None:
        super().__init__(
            "The database is protected from deletion. Set protected to false first (PATCH), then delete it."
        )


class ConfirmationMissing(Conflict):
    code, title = "CONFIRMATION_MISSING", "The deletion was not confirmed"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Deleting a database destroys its data. Repeat the request with confirm={name} to say you mean it."
        )


class FinalBackupImpossible(Conflict):
    code, title = "FINAL_BACKUP_IMPOSSIBLE", "No final backup can be taken"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"A production database gets a final backup before it is deleted, but {reason}. "
            "Mend that, or give it up with final_backup=false."
        )


class ServerFailed(Problem):
    """The provider's server does not come up."""

    status, code, title, retryable = 502, "SERVER_FAILED", "The server does not run", True
