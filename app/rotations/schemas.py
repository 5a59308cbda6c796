"""What callers ask of a rotation, what they are told first, and the job that does it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.schemas import JobView
from app.kit.cron import Cron
from app.kit.ids import DatabaseId, encode_id
from app.kit.names import STORABLE

LONGEST_GRACE_SECONDS: Final = 172_800
NEXT_RUNS: Final = 3
_DEADLINE_SECONDS: Final = LONGEST_GRACE_SECONDS + 86_400.0

ServiceName = Annotated[str, Field(min_length=1, max_length=200), STORABLE]


class Strategy(StrEnum):
    OVERLAP = "overlap"  # the other login of the application takes over, and both work meanwhile
    IMMEDIATE = "immediate"  # the same login gets another password, and the former one ends


class RedeployWish(StrEnum):
    REDEPLOY = "redeploy"  # one after another, each once the one before it is up
    LEAVE = "leave"  # to the caller


class _Manner(BaseModel):
    """How, of one rotation as of all those of a schedule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    grace_seconds: int = Field(
        default=3600,
        ge=0,
        le=LONGEST_GRACE_SECONDS,
        description="Of an overlap: how long sessions of the former login may stay after the last consumer has moved.",
    )
    consumers: RedeployWish = Field(
        default=RedeployWish.REDEPLOY,
        description="What becomes of the services at Railway that refer to the login's variables.",
    )
    services: list[ServiceName] | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Ids or names: these are redeployed, in this order. All by name when null.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.services is not None and self.consumers is RedeployWish.LEAVE:
            raise ValueError("services are named to be redeployed: leave them out, or leave out consumers")
        return self


class RotationWish(_Manner):
    strategy: Strategy | None = Field(
        default=None, description="`overlap` for applications and `immediate` for other logins when null."
    )


class RotationPlan(View):
    """What the job does. With `dry_run=true` nothing but this happens."""

    role: str = Field(description="The login that is replaced, or gets another password.")
    next_role: str = Field(description="The login that works afterwards; the same one when `immediate`.")
    strategy: Strategy
    steps: list[str]
    outage: str | None = Field(description="Who cannot log in, from when to when. Null: nobody is locked out.")
    consumers: list[str] = Field(description="The services that are redeployed, in this order.")
    warnings: list[str]


class RotationAccepted(BaseModel):
    """The job, and what it does."""

    job: JobView
    plan: RotationPlan


class RotateRole(
    JobArgs,
    kind="role.rotate",
    conflict=ConflictClass.LOGINS,
    scope=Scope.ROLES_ROTATE,
    deadline_seconds=_DEADLINE_SECONDS,
):
    """Of an application, or of a login by itself; of the one that this service uses if neither is named."""

    database_id: DatabaseId
    strategy: Strategy
    application_id: UUID | None = None
    login_id: UUID | None = None
    grace_seconds: int
    consumers: RedeployWish
    services: list[str] | None = None

    def subject_id(self) -> str | None:
        return encode_id("db", self.database_id)


class RotationSchedulePut(_Manner):
    cron: str = Field(
        max_length=100, description="Minute, hour, day of month, month, day of week.", examples=["0 3 1 * *"]
    )
    zone: str = Field(default="UTC", max_length=100, description="Of the IANA database.", examples=["Europe/Berlin"])

    @model_validator(mode="after")
    def _parsed(self) -> Self:
        self.parsed()
        return self

    def parsed(self) -> Cron:
        return Cron.parse(self.cron, self.zone)


class RotationScheduleView(View):
    """When the application's password is rotated by itself: always as an overlap."""

    application: str
    cron: str
    zone: str
    grace_seconds: int
    consumers: RedeployWish
    services: list[str] | None
    next_runs: list[datetime]
    last_run: datetime | None
