"""Whether a server takes sessions without TLS, as callers see and change it."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from app.auth.schemas import View


class TlsEnforcement(StrEnum):
    OFF = "off"  # who does not ask for TLS gets none
    REQUIRED = "required"  # who does not is refused


class TlsEnforcementWish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: TlsEnforcement


class HbaChange(View):
    """One line of pg_hba.conf."""

    line: int
    before: str
    after: str


class PlainSessionView(View):
    """A session over the network that is not encrypted."""

    pid: int
    role: str | None
    logical_database: str | None
    application: str | None
    address: str
    started_at: datetime | None


class TlsEnforcementView(View):
    mode: TlsEnforcement | None = Field(description="Null where our login may not read the rules.")
    reason: str | None = Field(description="Why it is not known, or cannot be changed from here.")
    changes: list[HbaChange] = Field(description="What was changed, or would be for `required` to hold.")
    plain_sessions: list[PlainSessionView] = Field(
        description="They go on until they end; their clients are refused when they connect again."
    )
    warnings: list[str]
