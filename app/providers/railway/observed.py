"""What is kept of an environment that was looked at: everything that callers ask for, and of the values of variables only to what they lead."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.providers.railway.inventory import EnvironmentState, PostgresService, config_of, postgres_services
from app.providers.railway.metrics import Measurement, Series
from app.providers.railway.references import Reference, WrittenAddress, references, written_addresses


class _Seen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def kept(cls, column: Mapping[str, Any] | None) -> Self | None:
        """From the row. What another release has kept in another shape was not seen: the next look mends it."""
        try:
            return None if column is None else cls.model_validate(column)
        except ValidationError:
            return None


class SeenDeployment(_Seen):
    id: str
    status: str
    created_at: datetime


class SeenVolume(_Seen):
    volume_id: str
    volume_instance_id: str
    size_mb: int
    used_mb: float
    state: str | None
    region: str | None

    @property
    def used_percent(self) -> float:
        return 100 * self.used_mb / self.size_mb if self.size_mb > 0 else 0.0


class SeenService(_Seen):
    name: str
    image: str | None
    region: str | None
    deployment: SeenDeployment | None
    volume: SeenVolume | None


class SeenStatus(_Seen):
    """Of all services of the environment, by id: the column ``status``."""

    environment_name: str
    config_etag: str | None
    services: dict[str, SeenService]

    @classmethod
    def of(cls, state: EnvironmentState) -> "SeenStatus":
        services = {found.service_id: _service(state, found.service_id) for found in state.services}
        return cls(environment_name=state.name, config_etag=state.config_etag, services=services)


class SeenMember(_Seen):
    service_id: str
    service_name: str
    role: str


class SeenCluster(_Seen):
    role: str
    root_service_id: str
    members: list[SeenMember]
    read_endpoint: str | None


class SeenPlugins(_Seen):
    """What Railway can add to a PostgreSQL service."""

    pitr: str | None
    pooler_service_id: str | None
    cluster: SeenCluster | None


class SeenNetworking(_Seen):
    is_public: bool
    private_endpoint: str | None


class SeenConfig(_Seen):
    """What the configuration tells: the column ``consumers``."""

    config_etag: str | None
    references: list[Reference]
    networking: dict[str, SeenNetworking]
    plugins: dict[str, SeenPlugins]
    written: list[WrittenAddress] = Field(default_factory=list)
    replicas: dict[str, int] = Field(default_factory=dict)  # of the services that the configuration tells it of

    @classmethod
    def of(cls, state: EnvironmentState) -> "SeenConfig":
        """``state`` must have been read with its configuration."""
        config = state.config or {}
        return cls(
            config_etag=state.config_etag,
            references=references(config),
            written=written_addresses(config),
            networking={found.service_id: _networking(config, found.service_id) for found in state.services},
            plugins={found.service_id: _plugins(found) for found in postgres_services(state)},
            replicas=_replicas(config, state),
        )


class SeenValue(_Seen):
    value: float
    at: datetime


class SeenMetrics(_Seen):
    """The newest value of each measurement, by service: the column ``metrics``."""

    services: dict[str, dict[Measurement, SeenValue]]

    @classmethod
    def of(cls, found: Iterable[Series]) -> "SeenMetrics":
        services: dict[str, dict[Measurement, SeenValue]] = {}
        for series in found:
            if series.points:
                newest = series.points[-1]
                values = services.setdefault(series.service_id, {})
                values[series.measurement] = SeenValue(value=newest.value, at=newest.at)
        return cls(services=services)


def _service(state: EnvironmentState, service_id: str) -> SeenService:
    found, volume = state.service(service_id), state.volume_of(service_id)
    assert found is not None
    latest = found.latest_deployment
    return SeenService(
        name=found.service_name,
        image=found.image,
        region=found.region,
        deployment=SeenDeployment(id=latest.id, status=latest.status, created_at=latest.created_at) if latest else None,
        volume=SeenVolume(
            volume_id=volume.volume_id,
            volume_instance_id=volume.id,
            size_mb=volume.size_mb,
            used_mb=volume.used_mb,
            state=volume.state,
            region=volume.region,
        )
        if volume
        else None,
    )


def _networking(config: Mapping[str, Any], service_id: str) -> SeenNetworking:
    networking = config_of(config, service_id).get("networking")
    told: Mapping[str, Any] = networking if isinstance(networking, Mapping) else {}
    proxies, endpoint = told.get("tcpProxies"), told.get("privateNetworkEndpoint")
    is_public = isinstance(proxies, Mapping) and any(proxy is not None for proxy in proxies.values())
    return SeenNetworking(is_public=is_public, private_endpoint=endpoint if isinstance(endpoint, str) else None)


def _replicas(config: Mapping[str, Any], state: EnvironmentState) -> dict[str, int]:
    """Over all regions."""
    found: dict[str, int] = {}
    for service in state.services:
        deploy = config_of(config, service.service_id).get("deploy")
        regions = deploy.get("multiRegionConfig") if isinstance(deploy, Mapping) else None
        if isinstance(regions, Mapping):
            told = [one.get("numReplicas", 1) for one in regions.values() if isinstance(one, Mapping)]
            found[service.service_id] = sum(count for count in told if isinstance(count, int))
    return found


def _plugins(found: PostgresService) -> SeenPlugins:
    cluster = found.cluster
    return SeenPlugins(
        pitr=found.pitr,
        pooler_service_id=found.pooler_service_id,
        cluster=SeenCluster(
            role=cluster.role,
            root_service_id=cluster.root_service_id,
            members=[
                SeenMember(service_id=one.service_id, service_name=one.service_name, role=one.role)
                for one in cluster.members
            ],
            read_endpoint=cluster.read_endpoint,
        )
        if cluster
        else None,
    )
