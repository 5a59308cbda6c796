"""What taking a set of backups remembers between its steps."""

from typing import TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

from app.backups.schemas import TakeBackup
from app.databases.access import Address
from app.jobs.run import Run
from app.kit.age import Recipient


class UploadMemo(BaseModel):
    """An upload that is under way, noted before its first part, so that whoever comes next can end it."""

    location_id: UUID
    key: str
    upload_id: str


class BackupMemo(BaseModel):
    """Which backups there are, and which are dumped, stands in their rows: those commit with what they tell of."""

    failed_location_ids: list[UUID] = Field(default_factory=list)
    recipient: str = ""  # of this installation
    escrow_recipients: list[str] = Field(default_factory=list)
    server_version: str = ""
    server_major: int = 0
    is_superuser: bool = False
    size_bytes: dict[UUID, int] = Field(default_factory=dict)  # of the logical databases on their server
    part_bytes: dict[UUID, int] = Field(default_factory=dict)  # of uploads whose estimate was too small
    upload: UploadMemo | None = None
    address: Address | None = None  # of the server, when the job opened one for itself

    @property
    def recipients(self) -> list[Recipient]:
        return [Recipient.parse(one) for one in (self.recipient, *self.escrow_recipients)]


TakeRun: TypeAlias = Run[TakeBackup, BackupMemo]
