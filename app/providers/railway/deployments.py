"""A service's deployments: which there were, and whether the one that was just begun came up."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from app.errors import Problem, Unprocessable
from app.kit.redaction import redact
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import RailwayProblem
from app.providers.railway.logs import deployment_logs
from app.providers.railway.place import Place

# A large volume is moved, or recovered, before the container runs.
SETTLED_SECONDS: Final = 900.0
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 5.0
_PAUSE_GROWTH: Final = 1.5
_LOG_LINES: Final = 20
_NEWEST: Final = 5


class DeploymentStatus(StrEnum):
    """As Railway writes them. An answer may hold one that we do not know, so answers are read as text."""

    CRASHED = "CRASHED"
    FAILED = "FAILED"
    REMOVED = "REMOVED"
    REMOVING = "REMOVING"
    SKIPPED = "SKIPPED"
    SLEEPING = "SLEEPING"
    SUCCESS = "SUCCESS"


# What a deployment does not come back from by itself, and what is to be done about it.
DOWN: Final = {
    DeploymentStatus.CRASHED: "Its container ended by itself: read the log, mend the cause, then redeploy the service.",
    DeploymentStatus.FAILED: "Its image could not be pulled or started: check the image and its tag, then redeploy.",
    DeploymentStatus.REMOVED: "It was taken down at Railway: redeploy the service there or here.",
    DeploymentStatus.REMOVING: "It is being taken down at Railway: redeploy the service there or here.",
    DeploymentStatus.SKIPPED: "Railway did not start it: redeploy the service.",
}
# Those that never began, and so left running what ran before.
NEVER_BEGAN: Final = (DeploymentStatus.FAILED, DeploymentStatus.SKIPPED)
UP: Final = (DeploymentStatus.SUCCESS, DeploymentStatus.SLEEPING)


class Deployment(Result):
    id: str
    service_id: str | None = None
    status: str
    created_at: datetime
    status_updated_at: datetime | None = None
    can_redeploy: bool
    deployment_stopped: bool

    @property
    def is_up(self) -> bool:
        """Its container runs, which does not say that PostgreSQL accepts logins."""
        return self.status in UP and not self.deployment_stopped


class DeploymentFailed(Unprocessable):
    """``log`` holds the last lines, without secrets."""

    code, title = "RAILWAY_DEPLOYMENT_FAILED", "The deployment at Railway did not come up"

    def __init__(self, deployment: Deployment, log: Sequence[str]) -> None:
        status = "stopped" if deployment.deployment_stopped else deployment.status
        way_out = DOWN.get(DeploymentStatus(deployment.status)) if deployment.status in DOWN else None
        last = f" Its last line: {log[-1]}" if log else " It has written nothing."
        super().__init__(
            f"The deployment {deployment.id} is {status}. {way_out or 'Start it again at Railway.'}{last}",
            deployment_id=deployment.id,
            deployment_status=deployment.status,
            log=list(log),
        )


class DeploymentPending(Problem):
    """Whoever asks again goes on waiting."""

    status, code, title, retryable = 503, "RAILWAY_DEPLOYMENT_PENDING", "The deployment at Railway takes long", True

    def __init__(self, deployment: Deployment | None, seconds: float) -> None:
        found = f"{deployment.id} is {deployment.status}" if deployment else "none has begun"
        super().__init__(
            f"After {seconds:.0f} seconds the deployment at Railway has not come up: {found}. Look at it in Railway's "
            "dashboard; NEEDS_APPROVAL waits for a person there.",
            deployment_id=deployment.id if deployment else None,
        )


class DeploymentPage(Result):
    """Newest first. ``end_cursor`` is Railway's, None on the last page."""

    deployments: list[Deployment]
    end_cursor: str | None


class _Edge(Result):
    node: Deployment


class _PageInfo(Result):
    has_next_page: bool
    end_cursor: str | None = None


class _Connection(Result):
    edges: list[_Edge]
    page_info: _PageInfo


class _List(Result):
    deployments: _Connection


class _Active(Result):
    id: str


class _Instance(Result):
    active_deployments: list[_Active]


class _Service(Result):
    service_instance: _Instance


class _One(Result):
    class Found(Deployment):
        environment_id: str

    deployment: Found


async def deployments(client: RailwayClient, place: Place, *, first: int, after: str | None = None) -> DeploymentPage:
    """Those of the service in its environment; ``after`` is the cursor of the page before. Raises PlaceUnknown."""
    wanted = {"projectId": place.project_id, "environmentId": place.environment_id, "serviceId": place.service()}
    variables: dict[str, Any] = {"input": wanted, "first": first, "after": after}
    found = (await client.read(document("deployments"), variables, _List)).deployments
    nodes = sorted((edge.node for edge in found.edges), key=lambda node: node.created_at, reverse=True)
    cursor = found.page_info.end_cursor if found.page_info.has_next_page else None
    return DeploymentPage(deployments=nodes, end_cursor=cursor)


async def newest(client: RailwayClient, place: Place) -> Deployment | None:
    """To be remembered before a change, as ``after`` for the wait behind it."""
    return next(iter((await deployments(client, place, first=_NEWEST)).deployments), None)


async def active(client: RailwayClient, place: Place) -> list[str]:
    """The ids of those whose container runs, whatever became of a newer one."""
    where = {"environmentId": place.environment_id, "serviceId": place.service()}
    found = (await client.read(document("serviceInstance"), where, _Service)).service_instance
    return [deployment.id for deployment in found.active_deployments]


async def own_deployment(client: RailwayClient, place: Place, deployment_id: str) -> Deployment | None:
    """None for one of another service. Raises RailwayNotFound, or RailwayNotAuthorized out of reach."""
    found = (await client.read(document("deployment"), {"id": deployment_id}, _One)).deployment
    mine = (found.service_id, found.environment_id) == (place.service_id, place.environment_id)
    return found if mine else None


async def settled(
    client: RailwayClient,
    place: Place,
    *,
    after: str | datetime | None = None,
    seconds: float = SETTLED_SECONDS,
    note: Callable[[str], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Deployment:
    """The newest deployment once it is up; only one begun later than ``after`` counts, the id of one or a moment.

    Raises DeploymentFailed, and DeploymentPending after ``seconds``. Up means that the container runs: a login follows.
    """
    loop = asyncio.get_running_loop()
    began, pause = loop.time(), _FIRST_PAUSE_SECONDS
    while True:
        found = await newest(client, place)
        if found is not None and not _is_later(found, after):
            found = None
        if found is not None and found.is_up:
            return found
        if found is not None and (found.status in DOWN or found.deployment_stopped):
            raise DeploymentFailed(found, await _last_lines(client, found.id))
        note(f"the deployment at Railway is {found.status}" if found else "no deployment has begun yet")
        if loop.time() - began + pause > seconds:
            raise DeploymentPending(found, seconds)
        await sleep(pause)
        pause = min(_LONGEST_PAUSE_SECONDS, pause * _PAUSE_GROWTH)


def _is_later(deployment: Deployment, after: str | datetime | None) -> bool:
    if isinstance(after, datetime):
        return deployment.created_at > after
    return deployment.id != after


async def _last_lines(client: RailwayClient, deployment_id: str) -> list[str]:
    """Of a log that cannot be read, that one: the failure itself is told all the same."""
    try:
        return [line.message for line in await deployment_logs(client, deployment_id, limit=_LOG_LINES)]
    except RailwayProblem as problem:
        return [redact(f"(the log cannot be read: {problem.said})")]
