"""What is in an environment at Railway, and which of its services are PostgreSQL."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import Field

from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import RailwayNotFound, RailwayOutOfReach

# An image that says so in its own name; the folder that it lies in may hold a proxy or an agent, too.
_POSTGRES: Final = re.compile(r"postgres|postgis|timescale")
_OFFICIAL: Final = ("railwayapp-templates/postgres-ssl", "railwayapp-templates/postgres-ha/postgres-patroni")
_MAJOR: Final = re.compile(r"(?:latest-)?(?:pg)?(\d{1,2})(?!\d)")
READ_PORT: Final = 5433  # of the proxy in front of a cluster


class Deployed(Result):
    id: str
    status: str
    created_at: datetime


class _Source(Result):
    image: str | None


class ServiceInstance(Result):
    """A service as it is in this environment."""

    id: str
    service_id: str
    service_name: str
    region: str | None
    start_command: str | None
    source: _Source | None
    latest_deployment: Deployed | None

    @property
    def image(self) -> str | None:
        return self.source.image if self.source else None


class VolumeInstance(Result):
    """A volume as it is in this environment. ``service_id`` is absent when nothing mounts it."""

    id: str
    volume_id: str
    service_id: str | None
    mount_path: str
    region: str | None
    size_mb: int = Field(alias="sizeMB")
    used_mb: float = Field(alias="currentSizeMB")
    state: str | None
    is_pending_deletion: bool
    deleted_at: datetime | None  # while it is pending: when it will be gone for good


class EnvironmentState(Result):
    """``config`` is there if it was asked for. It holds passwords: nothing of it may be logged or kept."""

    id: str
    name: str
    project_id: str
    services: tuple[ServiceInstance, ...]
    volumes: tuple[VolumeInstance, ...]
    config: dict[str, Any] | None = Field(default=None, repr=False)
    config_etag: str | None = None
    unmerged_changes: int = 0

    def service(self, service_id: str) -> ServiceInstance | None:
        return next((found for found in self.services if found.service_id == service_id), None)

    def volume(self, volume_id: str) -> VolumeInstance | None:
        return next((found for found in self.volumes if found.volume_id == volume_id), None)

    def volume_of(self, service_id: str) -> VolumeInstance | None:
        """The one that the service mounts; one that is about to be deleted is none."""
        mounted = (found for found in self.volumes if found.service_id == service_id)
        return next((found for found in mounted if not found.is_pending_deletion), None)


class Pitr(StrEnum):
    """Railway's own point-in-time recovery, told from the variable that names its bucket."""

    OFF = "off"
    UNWIRED = "unwired"  # the variable is there and empty: nothing is archived
    ON = "on"


@dataclass(frozen=True, slots=True)
class ClusterMember:
    service_id: str
    service_name: str
    role: str  # root, replica, internal (etcd), edge (the proxy in front) as Railway calls them, or pooler


@dataclass(frozen=True, slots=True)
class Cluster:
    """A highly available cluster, of which one service is the root. ``role`` is the service's own."""

    role: str
    root_service_id: str
    members: tuple[ClusterMember, ...]

    @property
    def edge(self) -> ClusterMember | None:
        return next((member for member in self.members if member.role == "edge"), None)

    @property
    def read_endpoint(self) -> str | None:
        """Where replicas are read, as a consumer writes it into a variable."""
        return f"${{{{{self.edge.service_name}.RAILWAY_PRIVATE_DOMAIN}}}}:{READ_PORT}" if self.edge else None


@dataclass(frozen=True, slots=True)
class PostgresService:
    """``pitr``, ``cluster`` and ``pooler_service_id`` are unknown, and so absent, unless the config was read."""

    service_id: str
    service_name: str
    instance_id: str
    image: str
    official: bool
    major: int | None
    region: str | None
    deployment_id: str | None
    deployment_status: str | None
    volume: VolumeInstance | None
    pitr: Pitr | None = None
    cluster: Cluster | None = None
    pooler_service_id: str | None = None


class _PageInfo(Result):
    has_next_page: bool
    end_cursor: str | None


class _Service(Result):
    node: ServiceInstance


class _Services(Result):
    edges: list[_Service]
    page_info: _PageInfo


class _Volume(Result):
    node: VolumeInstance


class _Volumes(Result):
    edges: list[_Volume]
    page_info: _PageInfo


class _Environment(Result):
    id: str
    name: str
    project_id: str
    can_access: bool
    deleted_at: datetime | None
    unmerged_changes_count: int | None
    config_etag: str
    config: dict[str, Any] | None = None
    service_instances: _Services
    volume_instances: _Volumes


class _Answer(Result):
    environment: _Environment


async def read_environment(client: RailwayClient, environment_id: str, *, config: bool = False) -> EnvironmentState:
    """Every service and volume in it, in one request unless there are more than a hundred of either.

    With ``config`` its document comes along, variables in clear except sealed ones. Raises RailwayProblem; for an
    environment that was deleted RailwayNotFound.
    """
    first = page = await _page(client, environment_id, with_config=config)
    services, volumes = list(page.service_instances.edges), list(page.volume_instances.edges)
    after_service, after_volume = (
        page.service_instances.page_info.end_cursor,
        page.volume_instances.page_info.end_cursor,
    )
    while page.service_instances.page_info.has_next_page or page.volume_instances.page_info.has_next_page:
        page = await _page(client, environment_id, after_service=after_service, after_volume=after_volume)
        services += page.service_instances.edges
        volumes += page.volume_instances.edges
        # A list that is at its end gives nothing after its last entry, and no cursor for nothing.
        after_service = page.service_instances.page_info.end_cursor or after_service
        after_volume = page.volume_instances.page_info.end_cursor or after_volume
    return EnvironmentState(
        id=first.id,
        name=first.name,
        project_id=first.project_id,
        services=tuple({edge.node.service_id: edge.node for edge in services}.values()),
        volumes=tuple({edge.node.id: edge.node for edge in volumes}.values()),
        config=first.config,
        config_etag=first.config_etag,
        unmerged_changes=first.unmerged_changes_count or 0,
    )


async def _page(
    client: RailwayClient,
    environment_id: str,
    *,
    with_config: bool = False,
    after_service: str | None = None,
    after_volume: str | None = None,
) -> _Environment:
    variables = {
        "id": environment_id,
        "withConfig": with_config,
        "decryptVariables": True if with_config else None,
        "afterService": after_service,
        "afterVolume": after_volume,
    }
    environment = (await client.read(document("environment"), variables, _Answer)).environment
    if environment.deleted_at is not None:
        raise RailwayNotFound(f"the environment {environment.name} was deleted", operation="environment")
    if not environment.can_access:
        raise RailwayOutOfReach(f"the environment {environment.name} is restricted", operation="environment")
    return environment


def postgres_services(state: EnvironmentState) -> list[PostgresService]:
    """By image, since Railway knows no databases any more, only services."""
    found = [_postgres(state, service, service.image) for service in state.services if is_postgres(service.image)]
    return [service if state.config is None else _with_config(service, state, state.config) for service in found]


def is_postgres(image: str | None) -> bool:
    return image is not None and _POSTGRES.search(_name_and_tag(image)[0]) is not None


def major_of(image: str) -> int | None:
    """None where the tag does not say, as ``latest`` does not."""
    found = _MAJOR.match(_name_and_tag(image)[1])
    return int(found[1]) if found else None


def config_of(config: Mapping[str, Any] | None, service_id: str) -> Mapping[str, Any]:
    """What the environment's document says of a service; empty where it says nothing."""
    services = _mapping((config or {}).get("services"))
    return _mapping(services.get(service_id))


def variable_in(service: Mapping[str, Any], name: str) -> str | None:
    """The unrendered value, in a service's part of the document. A sealed one is there and empty."""
    entry = _mapping(service.get("variables")).get(name)
    if not isinstance(entry, Mapping):
        return None
    value = entry.get("value")
    return str(value) if value is not None else ""


def _postgres(state: EnvironmentState, service: ServiceInstance, image: str | None) -> PostgresService:
    image = image or ""
    latest = service.latest_deployment
    return PostgresService(
        service_id=service.service_id,
        service_name=service.service_name,
        instance_id=service.id,
        image=image,
        official=any(name in image for name in _OFFICIAL),
        major=major_of(image),
        region=service.region,
        deployment_id=latest.id if latest else None,
        deployment_status=latest.status if latest else None,
        volume=state.volume_of(service.service_id),
    )


def _with_config(service: PostgresService, state: EnvironmentState, config: Mapping[str, Any]) -> PostgresService:
    family = {found.service_id: _root_of(config, found.service_id) for found in state.services}
    root_id = family.get(service.service_id, service.service_id)
    root = config_of(config, root_id)
    members = [found for found in state.services if family[found.service_id] == root_id]
    bucket = variable_in(root, "WAL_ARCHIVE_BUCKET")
    pooler = next((found.service_id for found in members if _is_pooler(found)), None)
    cluster = None
    if variable_in(root, "PATRONI_ENABLED") == "true":
        cluster = _cluster(config, service.service_id, root_id, members)
    pitr = Pitr.OFF if bucket is None else Pitr.ON if bucket else Pitr.UNWIRED
    return replace(service, pitr=pitr, cluster=cluster, pooler_service_id=pooler)


def _cluster(config: Mapping[str, Any], service_id: str, root_id: str, services: Iterable[ServiceInstance]) -> Cluster:
    members = tuple(
        ClusterMember(found.service_id, found.service_name, _role(config, found, root_id)) for found in services
    )
    own = next((member.role for member in members if member.service_id == service_id), "root")
    return Cluster(role=own, root_service_id=root_id, members=members)


def _role(config: Mapping[str, Any], service: ServiceInstance, root_id: str) -> str:
    if service.service_id == root_id:
        return "root"
    if _is_pooler(service):
        return "pooler"  # to Railway an edge, as the proxy in front of the servers is
    return str(config_of(config, service.service_id).get("clusterRole") or "member")


def _is_pooler(service: ServiceInstance) -> bool:
    return "pgbouncer" in (service.image or "")


def _root_of(config: Mapping[str, Any], service_id: str) -> str:
    """The end of the chain of parents. A chain that closes on itself, which nobody can have meant, ends too."""
    seen: set[str] = set()
    while service_id not in seen:
        seen.add(service_id)
        parent = config_of(config, service_id).get("parentServiceId")
        if not isinstance(parent, str) or not parent:
            break
        service_id = parent
    return service_id


def _name_and_tag(image: str) -> tuple[str, str]:
    last = image.partition("@")[0].rpartition("/")[2].lower()
    name, _, tag = last.partition(":")
    return name, tag


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
