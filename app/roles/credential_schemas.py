"""What callers wish of temporary credentials and see of them."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from app.auth.schemas import View
from app.connections.models import Login, LoginState
from app.kit.ids import CredentialId, DatabaseId, JobId
from app.kit.names import STORABLE, PostgresName
from app.postgres.presets import RolePreset
from app.roles.schemas import Names

LONGEST_SECONDS: Final = 7 * 86_400
_ENDS: Final = (
    "PostgreSQL looks at the time at a login only. Sessions that are open then are ended by this service, within a minute "
    "or two while one of its workers reaches the server."
)
_NOT_ENFORCED: Final = (
    "address_note is for people: PostgreSQL lets the credential in from anywhere it lets others in from."
)

Note = Annotated[str, Field(min_length=1, max_length=500), STORABLE]


class TemporaryCredentialCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ttl_seconds: int = Field(ge=60, le=LONGEST_SECONDS, description="7 days at most.")
    preset: Literal[RolePreset.READ, RolePreset.WRITE, RolePreset.MIGRATE, RolePreset.MONITOR] = RolePreset.READ
    schemas: Names | None = Field(default=None, description="Null: all.")
    logical_database: PostgresName | None = Field(default=None, description="Null: the default one.")
    reason: Note = Field(description="What it is for; it stands in the trail.")
    address_note: Note | None = Field(default=None, description="From where it is meant to be used. Not enforced.")


class TemporaryCredentialView(View):
    id: CredentialId
    database_id: DatabaseId
    username: str
    state: LoginState = Field(description="`current`: may log in. `ended`: dropped.")
    preset: RolePreset
    logical_database: str
    reason: str | None
    address_note: str | None
    expires_at: datetime
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    job_id: JobId | None = Field(description="The one that ends it, once there is one.")

    @classmethod
    def of(cls, login: Login) -> Self:
        given = {name: getattr(login, name) for name in cls.model_fields if hasattr(login, name)}
        return cls(**given, username=login.role)


class TemporaryCredentialCreated(TemporaryCredentialView):
    password: str | None = Field(description="In this answer only.")
    withheld: list[str] = Field(default=[], description="Members that only the first answer carried.")
    warnings: list[str]

    @classmethod
    def with_password(cls, login: Login, password: str, warnings: list[str]) -> Self:
        notes = [_ENDS] if login.address_note is None else [_ENDS, _NOT_ENFORCED]
        view = TemporaryCredentialView.of(login)
        return cls(**dict(view), password=password, warnings=[*notes, *warnings])
