"""Hooks as callers ask for them and see them, and what a sender is answered."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.auth.schemas import View
from app.kit.ids import DatabaseId, EnvironmentId, HookId, JobId, ProjectId, encode_id
from app.kit.names import STORABLE, Name, PostgresName
from app.webhooks.models import Hook, HookAction, HookDelivery, HookKind

MOST_BRANCHES = 50

BranchPattern = Annotated[str, StringConstraints(min_length=1, max_length=200), STORABLE]
Branches = Annotated[
    list[BranchPattern],
    Field(max_length=MOST_BRANCHES, description="Names, or patterns with `*` and `?`. Every branch when empty."),
]
LogicalDatabases = Annotated[
    list[PostgresName], Field(max_length=100, description="Those to back up. All that the server has when empty.")
]


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name


class RailwayHookCreate(_Wish):
    """Railway's notifications: what they are about is read from Railway at once instead of within the minute."""

    kind: Literal[HookKind.RAILWAY]
    environment_id: EnvironmentId = Field(description="One that is linked to an environment at Railway.")


class _BackUpWish(_Wish):
    database_id: DatabaseId
    branches: Branches = Field(default_factory=list)
    logical_databases: LogicalDatabases = Field(default_factory=list)


class GitHubHookCreate(_BackUpWish):
    """A backup before a deployment. Send it the events `push`, `deployment` or `workflow_run`, whichever comes first."""

    kind: Literal[HookKind.GITHUB]


class GitLabHookCreate(_BackUpWish):
    """A backup before a deployment. Send it push, deployment or pipeline events, whichever comes first."""

    kind: Literal[HookKind.GITLAB]


HookCreate = Annotated[RailwayHookCreate | GitHubHookCreate | GitLabHookCreate, Field(discriminator="kind")]


class HookUpdate(BaseModel):
    """Members that are absent or null stay as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name | None = None
    enabled: bool | None = None
    branches: Branches | None = None
    logical_databases: LogicalDatabases | None = None


class HookView(View):
    """An address to which one sender posts, and what is done then. Its secret never leaves a second time."""

    id: HookId
    project_id: ProjectId
    name: str
    kind: HookKind
    action: HookAction
    database_id: DatabaseId | None
    environment_id: EnvironmentId | None
    enabled: bool = Field(description="While false, messages are answered and start nothing.")
    branches: list[str]
    logical_databases: list[str]
    path: str = Field(
        description="Where the sender posts, behind this service's address. For the kind railway `/` and the secret follow."
    )
    previous_secret_until: datetime | None = Field(
        description="Until then the secret from before the rotation counts too."
    )
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, hook: Hook) -> Self:
        return cls.model_validate(
            hook.model_dump() | {"path": path_of(hook), "previous_secret_until": hook.previous_until}
        )


class HookSecretView(HookView):
    """A hook with its secret, which is in this answer only."""

    secret: str | None = Field(
        description="For GitHub the secret, for GitLab the secret token, for Railway the last part of the address."
    )
    withheld: list[str] = Field(default=[], description="Members that only the first answer carried.")


class HookDeliveryView(View):
    """A message that proved to be the sender's, remembered for a week."""

    delivery: str = Field(description="The sender's id for it, or a digest of what it sent.")
    event: str
    job_id: JobId | None
    reason: str | None = Field(description="Why there is no job.")
    received_at: datetime

    @classmethod
    def of(cls, delivery: HookDelivery) -> Self:
        return cls.model_validate(delivery.model_dump() | {"delivery": delivery.delivery_id})


class HookAnswer(View):
    """What became of a message."""

    job_id: JobId | None
    reason: str | None = Field(description="Why there is no job.")
    repeated: bool = Field(description="It was delivered before, and nothing was done again.")


def path_of(hook: Hook) -> str:
    return f"/v1/hooks/{encode_id('hok', hook.id)}"
