"""Trying a token out: whose it is, and what it may read. Nothing is changed by it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from pydantic import SecretStr

from app.kit.clock import Clock
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.clients import RailwayClients
from app.providers.railway.credential import RailwayCredential, TokenKind
from app.providers.railway.documents import document
from app.providers.railway.errors import (
    RailwayNotAuthorized,
    RailwayNotFound,
    RailwayProblem,
    RailwayTokenInvalid,
)
from app.providers.railway.inventory import EnvironmentState, read_environment
from app.providers.railway.projects import read_project, read_workspace
from app.providers.railway.refusals import IDENTITY, meaning
from app.railway.capabilities import Allowed, Capability, Finding
from app.railway.errors import TokenElsewhere, TokenInvalid, TokenKindWrong

_REFUSALS: Final = (RailwayNotAuthorized, RailwayTokenInvalid, RailwayNotFound)
_LOOKED_BACK: Final = timedelta(minutes=10)


class _Workspace(Result):
    id: str
    name: str


class _Holder(Result):
    """Whoever the token speaks for. Which of these there are depends on its kind."""

    workspaces: tuple[_Workspace, ...] = ()
    project_id: str | None = None
    environment_id: str | None = None


class _Who(Result):
    me: _Holder | None = None
    api_token: _Holder | None = None
    project_token: _Holder | None = None

    @property
    def holder(self) -> _Holder:
        return self.me or self.api_token or self.project_token or _Holder()


@dataclass(frozen=True, slots=True)
class Identity:
    """A project token belongs to one environment of one project, every other one to workspaces."""

    kind: TokenKind
    workspaces: tuple[tuple[str, str], ...] = ()  # ids and names
    project_id: str | None = None
    environment_id: str | None = None

    @property
    def place(self) -> tuple[str, str] | None:
        """The only project and environment that it can mean, if there is only one."""
        return (self.project_id, self.environment_id) if self.project_id and self.environment_id else None


@dataclass(frozen=True, slots=True)
class ProbeReport:
    identity: Identity
    findings: dict[Capability, Finding] = field(default_factory=dict)


async def identify(clients: RailwayClients, token: SecretStr, *, said: TokenKind | None) -> Identity:
    """Raises TokenInvalid, and TokenKindWrong if ``said`` is not the kind that it is."""
    kinds = [kind for kind in TokenKind if kind is said is TokenKind.PROJECT]  # the likeliest first
    # An account's before a workspace's: it answers what is asked of those, too.
    for kind in dict.fromkeys([*kinds, *TokenKind]):
        client = clients.by(RailwayCredential(kind, token))
        try:
            holder = (await client.read(document(IDENTITY[kind]), {}, _Who)).holder
        except _REFUSALS:
            continue
        if said is not None and said is not kind:
            raise TokenKindWrong(said, kind)
        workspaces = tuple((workspace.id, workspace.name) for workspace in holder.workspaces)
        return Identity(kind, workspaces, holder.project_id, holder.environment_id)
    raise TokenInvalid


async def probe(
    clients: RailwayClients,
    token: SecretStr,
    *,
    said: TokenKind | None,
    clock: Clock,
    place: tuple[str, str] | None = None,
) -> ProbeReport:
    """``place``: the project and the environment to try reads on; one that the token sees unless given.

    Raises what ``identify`` raises, and RailwayUnavailable or RailwayRateLimited where Railway cannot be asked.
    """
    identity = await identify(clients, token, said=said)
    reads = _Reads(clients.by(RailwayCredential(identity.kind, token)), identity, clock)
    reads.findings[Capability.IDENTITY] = Finding(Allowed.YES)
    await reads.look_around(identity.place or place)
    return ProbeReport(identity, reads.findings)


async def require_reach(client: RailwayClient, environment_ids: list[str]) -> None:
    """Raises TokenElsewhere unless the token reads all of them, and RailwayProblem where that cannot be told."""
    for environment_id in environment_ids:
        try:
            await read_environment(client, environment_id)
        except _REFUSALS as refusal:
            raise TokenElsewhere(environment_id, f"{refusal.said}.") from refusal


@dataclass(slots=True)
class _Reads:
    """One read of each sort, and what came of it."""

    client: RailwayClient
    identity: Identity
    clock: Clock
    findings: dict[Capability, Finding] = field(default_factory=dict)

    async def look_around(self, place: tuple[str, str] | None) -> None:
        project_id = await self._projects()
        if place is None and project_id is not None:
            place = await self._first_environment(project_id)
        state = await self._environment(place[1]) if place else None
        if place is None or state is None:
            nowhere = Finding(Allowed.UNKNOWN, "There is no environment that the token reads, to try it on.")
            for capability in _IN_AN_ENVIRONMENT:
                self.findings.setdefault(capability, nowhere)
            return
        await self._in_environment(*place)
        await self._snapshots(state)

    async def _projects(self) -> str | None:
        """A project to look into."""
        seen: list[str] = []

        async def read() -> None:
            if self.identity.project_id is not None:
                seen.append((await read_project(self.client, self.identity.project_id)).id)
            for workspace_id, _ in self.identity.workspaces:
                if not seen:
                    seen.extend(project.id for project in (await read_workspace(self.client, workspace_id)).projects)

        await self._try(Capability.PROJECTS_READ, read)
        return seen[0] if seen else None

    async def _first_environment(self, project_id: str) -> tuple[str, str] | None:
        try:
            project = await read_project(self.client, project_id)
        except _REFUSALS:
            return None
        return next(((project_id, found.id) for found in project.environments if found.can_access), None)

    async def _environment(self, environment_id: str) -> EnvironmentState | None:
        seen: list[EnvironmentState] = []

        async def read() -> None:
            seen.append(await read_environment(self.client, environment_id))

        await self._try(Capability.ENVIRONMENT_READ, read)
        return seen[0] if seen else None

    async def _in_environment(self, project_id: str, environment_id: str) -> None:
        since = (self.clock() - _LOOKED_BACK).isoformat()
        both = {"projectId": project_id, "environmentId": environment_id}
        cpu = {"measurements": ["CPU_USAGE"], "groupBy": ["SERVICE_ID"], "startDate": since}
        await self._try(Capability.CHANGES_READ, self._asking("environmentStagedChanges", environmentId=environment_id))
        await self._try(Capability.VARIABLES_READ, self._asking("variables", **both))
        await self._try(Capability.METRICS_READ, self._asking("metrics", environmentId=environment_id, **cpu))
        await self._try(Capability.USAGE_READ, self._asking("usage", projectId=project_id, **cpu))

    async def _snapshots(self, state: EnvironmentState) -> None:
        volume = next(iter(state.volumes), None)
        if volume is None:
            reason = "The environment has no volume to try it on."
            self.findings[Capability.SNAPSHOTS_READ] = Finding(Allowed.UNKNOWN, reason)
            return
        await self._try(Capability.SNAPSHOTS_READ, self._asking("volumeInstanceBackupList", volumeInstanceId=volume.id))

    def _asking(self, operation: str, **variables: Any) -> Callable[[], Awaitable[object]]:
        """What is answered is thrown away: it may be secrets."""

        async def read() -> None:
            await self.client.read(document(operation), variables, Result)

        return read

    async def _try(self, capability: Capability, read: Callable[[], Awaitable[object]]) -> None:
        try:
            await read()
        except RailwayNotAuthorized as refusal:
            # The environment was read, unless this is about reading it: then it may be gone, or another's.
            readable = None if capability in (Capability.PROJECTS_READ, Capability.ENVIRONMENT_READ) else True
            explained = meaning(refusal, token=self.identity.kind, token_works=True, object_readable=readable)
            self.findings[capability] = Finding(Allowed.NO, explained.detail)
        except RailwayProblem as problem:
            self.findings[capability] = Finding(Allowed.UNKNOWN, problem.detail)
        else:
            self.findings[capability] = Finding(Allowed.YES)


_IN_AN_ENVIRONMENT: Final = (
    Capability.ENVIRONMENT_READ,
    Capability.CHANGES_READ,
    Capability.VARIABLES_READ,
    Capability.METRICS_READ,
    Capability.USAGE_READ,
    Capability.SNAPSHOTS_READ,
)
