"""Keys and the trail, as callers see them."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from app.auth.models import ApiKey, AuditEvent, Outcome
from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.kit.clock import Moment
from app.kit.ids import AuditId, KeyId, ProjectId
from app.kit.names import STORABLE, Text

Projects = Annotated[list[ProjectId] | None, Field(description="Null: every project, those of tomorrow included.")]


class View(BaseModel):
    """What leaves: every member is always there."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Whoami(View):
    key_id: KeyId
    name: str
    scopes: list[str]
    project_ids: Projects

    @classmethod
    def of(cls, principal: Principal) -> Self:
        return cls(
            key_id=principal.key_id,
            name=principal.name,
            scopes=sorted(principal.scopes),
            project_ids=None if principal.project_ids is None else sorted(principal.project_ids),
        )


class ApiKeyCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100, examples=["ci of the shop"]), STORABLE]
    scopes: frozenset[Scope] = Field(min_length=1, description="Only scopes that the calling key has.")
    project_ids: list[ProjectId] | None = Field(
        default=None, min_length=1, max_length=1000, description="Null: every project that the calling key covers."
    )
    expires_in_days: int | None = Field(default=90, ge=1, le=3650, description="Null: the key does not expire.")


class ApiKeyView(View):
    id: KeyId
    name: str
    last4: str = Field(description="The end of the key, to tell keys apart.")
    scopes: list[str]
    project_ids: Projects
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="At most a minute behind.")

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        return cls.model_validate(key.model_dump(exclude={"digest"}))


class ApiKeyCreated(ApiKeyView):
    secret: str | None = Field(description="The key itself, in this answer only; it cannot be read again.")
    withheld: list[str] = Field(default=[], description="Members that only the first answer carried.")


class AuditEventView(View):
    id: AuditId
    at: datetime
    actor: str = Field(description="A key id, or the part of this service that acted.")
    action: str = Field(description="The operation id.")
    target_type: str | None
    target_id: str | None
    project_id: ProjectId | None
    outcome: Outcome
    code: str | None = Field(description="The code of the problem, when the attempt was denied.")
    address: str | None
    user_agent: str | None
    request_id: str | None
    details: dict[str, Any]

    @classmethod
    def of(cls, event: AuditEvent) -> Self:
        return cls.model_validate(event.model_dump())


class AuditQuery(BaseModel):
    """The filters of the trail."""

    actor: Text | None = None
    action: Text | None = None
    target_type: Text | None = None
    target_id: Text | None = None
    after: Moment | None = None
    before: Moment | None = None
