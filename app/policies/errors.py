"""What can stand against a policy."""

from uuid import UUID

from app.errors import Conflict, Unprocessable
from app.kit.ids import encode_id


class LocationRequired(Unprocessable):
    code, title = "LOCATION_REQUIRED", "Nowhere to keep the backup"

    def __init__(self) -> None:
        super().__init__("The project has no default location. Create one (POST /v1/locations), or name location_ids.")


class LogicalDatabaseUnknown(Unprocessable):
    code, title = "DATABASE_NOT_READY", "Not known yet which logical database to dump"

    def __init__(self, database_id: UUID) -> None:
        super().__init__(
            f"{encode_id('db', database_id)} has no default logical database yet. Name logical_databases, or take all of "
            "them."
        )


class TokenStale(Conflict):
    """What would be deleted is no longer what the preview showed."""

    code, title = "RETENTION_TOKEN_STALE", "Look at the preview again"

    def __init__(self) -> None:
        super().__init__(
            "The token does not stand for the copies that are blocked now: none are, or others than then. Take the token of "
            "a new preview, after reading what it would delete."
        )
