"""Where on Railway a database is. This is what its row remembers for the provider."""

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.errors import Conflict


class PlaceUnknown(Conflict):
    code, title = "STATE_INVALID", "The database has no service on Railway yet"

    def __init__(self) -> None:
        super().__init__("Its service on Railway is not known: it is still being made, or its making failed.")


class Place(BaseModel):
    """Everything but ``connection_id`` is Railway's: ids as it writes them, and what it told last.

    An address is absent while there is none: the public one is there while public access is on.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    connection_id: UUID
    project_id: str
    environment_id: str
    service_id: str | None = None
    service_name: str | None = None
    volume_id: str | None = None
    volume_instance_id: str | None = None
    image: str | None = None
    region: str | None = None
    private_host: str | None = None
    private_port: int = 5432
    public_host: str | None = None
    public_port: int | None = None

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        return cls.model_validate(data)

    def service(self) -> str:
        """Raises PlaceUnknown."""
        if self.service_id is None:
            raise PlaceUnknown
        return self.service_id

    def data(self) -> dict[str, Any]:
        """For the row; what is absent is left out."""
        return self.model_dump(mode="json", exclude_none=True)
