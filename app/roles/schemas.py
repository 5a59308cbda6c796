"""What callers wish of roles and see of them, and the arguments of the job that ends what was given for a while."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.connections.models import LoginKind
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.kit.clock import Moment
from app.kit.ids import CredentialId, DatabaseId, encode_id
from app.kit.names import STORABLE, PostgresName
from app.postgres.grants import Difference
from app.postgres.presets import Point, PointKind, RolePreset
from app.postgres.role_facts import PasswordKind, RoleFacts
from app.roles.models import RoleState

_MD5: Final = (
    "Its password is kept as an MD5 hash, with which whoever has the hash can log in. Set it anew (reset_password=true): "
    "what this service sets is SCRAM."
)
# What a session is by them, and not what it may take.
_NOT_SETTABLE: Final = frozenset({"role", "session_authorization"})

Names = Annotated[list[PostgresName], Field(min_length=1, max_length=100)]
SettingName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_.]{0,62}$")]
SettingValue = Annotated[str, Field(max_length=1000), STORABLE]


class RolePut(BaseModel):
    """All that the role is to be; what is left out takes its default, and not what it was before."""

    model_config = ConfigDict(extra="forbid")

    login: bool = Field(default=True, description="False: a group, which others are members of.")
    preset: RolePreset | None = Field(default=None, description="Null leaves its privileges as they are.")
    schemas: Names | None = Field(default=None, description="Null: all, those made later included.")
    owners: Names | None = Field(
        default=None, description="Whose present and future objects are meant. Null: whoever owns something there now."
    )
    logical_databases: Names | None = Field(default=None, description="Null: the default one.")
    connection_limit: int | None = Field(default=None, ge=0, le=100_000, description="Null: none, or the preset's.")
    valid_until: Moment | None = Field(default=None, description="Until when its password is taken at a login.")
    settings: dict[SettingName, SettingValue] = Field(
        default={}, max_length=50, description="Of its new sessions, such as `statement_timeout`: `30s`."
    )
    member_of: Annotated[list[PostgresName], Field(max_length=100)] | None = Field(
        default=None, description="Null: those of the preset only, or as they are without a preset."
    )

    @field_validator("settings")
    @classmethod
    def _settable(cls, settings: dict[str, str]) -> dict[str, str]:
        if named := sorted(_NOT_SETTABLE & settings.keys()):
            raise ValueError(f"{', '.join(named)} is no setting to give a role; make it a member instead")
        return settings


class RoleWishView(RolePut):
    """As it was wished for last."""

    model_config = ConfigDict(extra="ignore", json_schema_serialization_defaults_required=True)


class RoleReplace(RolePut):
    reset_password: bool = Field(
        default=False, description="Give the role a new password, also one that was not made by this service."
    )

    def wish(self) -> RoleWishView:
        return RoleWishView.model_validate(self.model_dump(exclude={"reset_password"}))


class RoleSettingView(View):
    logical_database: str | None = Field(description="Null: in all of them.")
    name: str
    value: str


class DatabaseRoleView(View):
    name: str
    login: bool
    connection_limit: int | None
    valid_until: datetime | None
    powers: list[str] = Field(description="What goes past all privileges, such as `SUPERUSER`.")
    member_of: list[str]
    members: list[str]
    settings: list[RoleSettingView]
    password: PasswordKind = Field(description="`unknown` where our login may not look.")
    kind: LoginKind | None = Field(description="Null: this service has not made it. `superuser`: it uses it itself.")
    state: RoleState | None = Field(description="Null: it is not kept as anybody wishes. Pending: repeat the request.")
    wish: RoleWishView | None
    warnings: list[str]

    @classmethod
    def of(
        cls, facts: RoleFacts, *, kind: LoginKind | None, state: RoleState | None, wish: dict[str, Any] | None
    ) -> Self:
        return cls(
            name=facts.name,
            login=facts.login,
            connection_limit=None if facts.connection_limit < 0 else facts.connection_limit,
            valid_until=facts.valid_until,
            powers=list(facts.powers),
            member_of=list(facts.member_of),
            members=list(facts.members),
            settings=[
                RoleSettingView(logical_database=one.logical_database, name=one.name, value=one.value)
                for one in facts.settings
            ],
            password=facts.password,
            kind=kind,
            state=state,
            wish=None if wish is None else RoleWishView.model_validate(wish),
            warnings=[_MD5] if facts.password is PasswordKind.MD5 else [],
        )


class RolePointView(View):
    """A privilege, membership, attribute or setting, or objects that should belong to the role."""

    logical_database: str | None = Field(description="Null: on the whole server.")
    kind: PointKind
    what: str
    schema_name: str | None = Field(alias="schema")
    owner: str | None = Field(description="Whose future, or present, objects are meant.")
    count: int
    objects: list[str] = Field(description="The first ten of them.")

    model_config = ConfigDict(populate_by_name=True)

    @classmethod
    def of(cls, point: Point, logical_database: str | None) -> Self:
        return cls(
            logical_database=logical_database,
            kind=point.kind,
            what=point.what,
            schema_name=point.schema,
            owner=point.owner,
            count=point.count,
            objects=list(point.objects),
        )


class RoleStatement(View):
    logical_database: str | None = Field(description="Null: it is of the whole server, and run in the default one.")
    sql: str


class RoleChanged(View):
    """``role`` is null in the dry run of one that does not exist."""

    role: DatabaseRoleView | None
    is_new: bool
    missing: list[RolePointView]
    extra: list[RolePointView]
    statements: list[RoleStatement] = Field(description="Without secrets.")
    warnings: list[str]


class EndTemporaryCredential(
    JobArgs,
    kind="credential.end",
    # Waits for nothing that may take hours: whoever was let in for a while is still in.
    conflict=ConflictClass.OBSERVE,
    scope=Scope.ROLES_TEMPORARY,
    deadline_seconds=3600,
):
    """Ends the sessions of a temporary credential and drops its role."""

    database_id: DatabaseId
    credential_id: CredentialId

    def subject_id(self) -> str:
        return encode_id("crd", self.credential_id)


def points_in(differences: Mapping[str | None, Difference]) -> tuple[list[RolePointView], list[RolePointView]]:
    """What is missing, and what is extra."""
    missing = [RolePointView.of(point, name) for name, one in differences.items() for point in one.missing]
    extra = [RolePointView.of(point, name) for name, one in differences.items() for point in one.extra]
    return missing, extra
