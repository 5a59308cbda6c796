"""Settings as callers see and wish them, and the job that changes those that need a restart."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.errors import ProblemDocument
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.schemas import JobView
from app.kit.ids import DatabaseId, JobId, SettingChangeId, encode_id
from app.kit.names import STORABLE, PostgresName
from app.parameters.models import ChangeState, SettingChange
from app.parameters.rules import is_secret, reason_against, warning_of
from app.postgres.parameter_writing import Scope as SettingScope
from app.postgres.parameters import Context, Parameter, Reading, Source

SettingName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)*$", max_length=63)]
SettingText = Annotated[StrictStr, Field(max_length=4096), STORABLE]
Value = StrictBool | StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)] | SettingText
Seconds = Annotated[float, Field(ge=0, le=2_000_000, allow_inf_nan=False)]


class OverrideView(View):
    """For sessions of this role, in this database, or both; with neither for all."""

    role: str | None
    logical_database: str | None
    value: str | None


class SettingView(View):
    """One setting of the whole server, and what of its sessions has another value."""

    name: str
    value: str | None = Field(description="In `unit`; null where it is withheld.")
    shown: str | None = Field(description="As people write it, with a unit.")
    unit: str | None
    type: str = Field(description="bool, integer, real, enum or string.")
    min_value: str | None
    max_value: str | None
    choices: list[str] = Field(description="Of an enum.")
    context: Context = Field(description="What it takes for a change: `postmaster` a restart, `internal` never.")
    source: Source
    boot_value: str | None = Field(description="What the server has when nobody sets it.")
    reset_value: str | None = Field(description="What RESET brings back in a session.")
    pending_restart: bool
    pending_value: str | None = Field(description="What the next restart brings.")
    overrides: list[OverrideView]
    category: str
    description: str
    warning: str | None = Field(description="Why to be careful with it.")
    reserved: str | None = Field(description="Why it cannot be changed here; null where it can.")
    withheld: bool = Field(description="Its values may hold a secret, and are null here.")

    @classmethod
    def of(cls, parameter: Parameter, reading: Reading, provider: str) -> Self:
        hidden = is_secret(parameter.name)

        def seen(text: str | None) -> str | None:
            return None if hidden else text

        return cls(
            name=parameter.name,
            value=seen(parameter.value),
            shown=seen(parameter.shown),
            unit=parameter.kind.unit,
            type=parameter.kind.type,
            min_value=parameter.kind.low,
            max_value=parameter.kind.high,
            choices=list(parameter.kind.choices),
            context=parameter.context,
            source=parameter.source,
            boot_value=seen(parameter.boot),
            reset_value=seen(parameter.reset),
            pending_restart=parameter.pending_restart,
            pending_value=seen(parameter.coming),
            overrides=[
                OverrideView(role=it.role, logical_database=it.logical_database, value=seen(it.value))
                for it in reading.overrides
                if it.name.lower() == parameter.name.lower()
            ],
            category=parameter.category,
            description=parameter.description,
            warning=warning_of(parameter.name),
            reserved=reason_against(parameter, provider, for_system=True),
            withheld=hidden,
        )


class SettingScopeWish(BaseModel):
    """Without both: the whole server, by ALTER SYSTEM."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    logical_database: PostgresName | None = None
    role: PostgresName | None = None

    def scope(self) -> SettingScope:
        return SettingScope(self.logical_database, self.role)


class SettingsPatch(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    values: Annotated[dict[SettingName, Value | None], Field(min_length=1, max_length=100)] = Field(
        description="Null takes a setting away, so that what stands beneath it is in force again.",
        examples=[{"work_mem": "16MB", "log_min_duration_statement": 500, "jit": None}],
    )
    scope: SettingScopeWish = Field(default_factory=SettingScopeWish)
    allow_restart: bool = Field(default=False, description="Restart the server where a setting needs it.")

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if len({name.lower() for name in self.values}) < len(self.values):
            raise ValueError("a setting is named once; capitals make no difference")
        return self


class ChangeUndo(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    allow_restart: bool = False


class SettingChangeView(View):
    id: SettingChangeId
    database_id: DatabaseId
    state: ChangeState
    logical_database: str | None
    role: str | None
    before: dict[str, str | None] = Field(description="Null: nobody had set it there.")
    after: dict[str, str | None] = Field(description="Null: it was taken away.")
    undoes_id: SettingChangeId | None
    job_id: JobId | None
    problem: ProblemDocument | None
    created_by: str
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, change: SettingChange) -> Self:
        return cls.model_validate(change.model_dump())


class SettingsChanged(View):
    """``change`` is null when everything had its wished value already."""

    change: SettingChangeView | None
    settings: list[SettingView] = Field(
        description="Those that were named, as they are now; before it where a job follows."
    )
    needs_restart: list[str]
    warnings: list[str]
    job: JobView | None


class TimeoutsPut(SettingScopeWish):
    """Of the server, or of a scope. Seconds; 0 is for no limit, and null or left out: not set there."""

    statement_timeout_seconds: Seconds | None = None
    lock_timeout_seconds: Seconds | None = None
    idle_in_transaction_session_timeout_seconds: Seconds | None = None
    idle_session_timeout_seconds: Seconds | None = Field(default=None, description="PostgreSQL 14 and later.")
    transaction_timeout_seconds: Seconds | None = Field(default=None, description="PostgreSQL 17 and later.")


class SessionTimeouts(View):
    """Seconds; 0 is for no limit, and null where the server is too old for it."""

    statement_timeout_seconds: float | None
    lock_timeout_seconds: float | None
    idle_in_transaction_session_timeout_seconds: float | None
    idle_session_timeout_seconds: float | None
    transaction_timeout_seconds: float | None


class RoleTimeouts(SessionTimeouts):
    role: str


class TimeoutsView(View):
    """What sessions begin with that ask for nothing else."""

    logical_database: str
    system: SessionTimeouts
    roles: list[RoleTimeouts] = Field(description="Effective for each role that may log in, in that logical database.")


class ChangeSettings(
    JobArgs, kind="settings.change", conflict=ConflictClass.RESTART, scope=Scope.SETTINGS_WRITE, deadline_seconds=7200
):
    """What is changed stands in the row."""

    database_id: DatabaseId
    change_id: SettingChangeId

    def subject_id(self) -> str | None:
        return encode_id("stc", self.change_id)


def text_values(values: dict[str, Any]) -> dict[str, str | None]:
    """Of a row, as they were written."""
    return {str(name): None if value is None else str(value) for name, value in values.items()}


def change_of(database_id: UUID, change: SettingChange) -> ChangeSettings:
    return ChangeSettings(database_id=database_id, change_id=change.id)
