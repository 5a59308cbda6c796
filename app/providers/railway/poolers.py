"""PgBouncer as Railway's own template puts it before a database: laid over its service, and taken off again.

Both are staged by Railway, and happen once the staged changes are committed. The pooler is a service of its own below the
database's, takes any logical database and login, and is told everything by its variables.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import Field

from app.providers.railway import patches
from app.providers.railway.client import Exactly, RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import RailwayNotFound, RailwayProblem
from app.providers.railway.inventory import (
    EnvironmentState,
    PostgresService,
    ServiceInstance,
    config_of,
    postgres_services,
    read_environment,
)
from app.providers.railway.place import Place
from app.providers.railway.references import Reference, references
from app.providers.railway.templates import Template

CODE: Final = "postgres-with-pgbouncer"
PORT: Final = 5432  # whatever its variables say
_IMAGE: Final = "pgbouncer"
# What the template may say of the database's own service. Anything else of it that waits is somebody else's.
_ROOT_PARTS: Final = ("variables", "clusterRole", "groupId", "clusterWiring")


class PoolerTemplateChanged(RailwayProblem):
    code, title, changed_nothing = (
        "RAILWAY_POOLER_TEMPLATE_CHANGED",
        "Railway's template for PgBouncer is another one now",
        True,
    )
    way_out = (
        "Add PgBouncer in Railway's own view, then PUT the pooler again, which takes it over. Update this service."
    )

    def __init__(self, what: str) -> None:
        super().__init__(f"a template that this version does not understand: {what}", operation="template")


@dataclass(frozen=True, slots=True)
class PoolerSight:
    """A database's service and the pooler before it, as they are configured now.

    ``readers``: variables of other services that refer to either. Railway leads them to the one or the other when the
    pooler is added or removed, so a change of them that waits is a part of that.
    """

    root: PostgresService
    pooler: ServiceInstance | None
    replicas: int
    readers: tuple[Reference, ...]
    # Unrendered, and not to be shown: nothing says which of them are secrets.
    variables: Mapping[str, str] = field(repr=False)

    @property
    def keys(self) -> list[str]:
        """Of the staged changes that are ours while nobody else changes anything."""
        own = [f"services.{self.root.service_id}.{part}" for part in _ROOT_PARTS]
        if self.pooler is not None:
            own.append(f"services.{self.pooler.service_id}")
        return [*own, *(_key(reader) for reader in self.readers)]


class _Deployed(Result):
    workflow_id: str | None


class _Laid(Result):
    deployed: _Deployed = Field(alias="templateDeployV2")


class _Reverted(Result):
    template_revert: _Deployed


async def look(client: RailwayClient, place: Place) -> PoolerSight:
    """Raises RailwayNotFound when the database's service is gone, or is no PostgreSQL any more."""
    state = await read_environment(client, place.environment_id, config=True)
    root = next((found for found in postgres_services(state) if found.service_id == place.service()), None)
    if root is None:
        raise RailwayNotFound(f"there is no PostgreSQL service {place.service()}", operation="environment")
    pooler = state.service(root.pooler_service_id) if root.pooler_service_id else None
    config = config_of(state.config, pooler.service_id) if pooler else {}
    return PoolerSight(
        root=root,
        pooler=pooler,
        replicas=_replicas(config),
        readers=_readers(state, root, pooler),
        variables={
            name: entry["value"]
            for name, entry in _mapping(config.get("variables")).items()
            if isinstance(entry, Mapping) and isinstance(entry.get("value"), str)
        },
    )


def overlay(template: Template, variables: Mapping[str, str]) -> dict[str, Any]:
    """The template's own document with its defaults, and ``variables`` for the pooler.

    Raises PoolerTemplateChanged unless it is the database's service and one PgBouncer.
    """
    config = deepcopy(template.serialized_config or {})
    services = [service for service in _mapping(config.get("services")).values() if isinstance(service, dict)]
    found = [service for service in services if _is_pooler_image(_mapping(service.get("source")).get("image"))]
    if len(found) != 1 or len(services) > 2:  # noqa: PLR2004 (the database and its pooler)
        raise PoolerTemplateChanged(f"it has {len(services)} services, and {len(found)} of them are PgBouncer")
    for service in services:
        for name, variable in _mapping(service.get("variables")).items():
            if not isinstance(variable, dict):
                raise PoolerTemplateChanged(f"its variable {name} has another form")
            if not variable.get("isOptional") and variable.get("defaultValue") is not None:
                variable["value"] = variable["defaultValue"]
    (pooler,) = found
    wanted = {name: {"isOptional": False, "defaultValue": value, "value": value} for name, value in variables.items()}
    pooler["variables"] = {**_mapping(pooler.get("variables")), **wanted}
    return config


async def lay_over(client: RailwayClient, place: Place, template: Template, config: dict[str, Any]) -> str | None:
    """The workflow that stages it. Asked twice, it may stage two. Raises OutcomeUnknown."""
    wish = {
        "templateId": template.id,
        "serializedConfig": Exactly(config),
        "projectId": place.project_id,
        "environmentId": place.environment_id,
        "existingRootServiceId": place.service(),
        "stageOnly": True,
    }
    return (await client.change(document("templateDeployV2"), {"input": wish}, _Laid)).deployed.workflow_id


async def take_off(client: RailwayClient, place: Place) -> str | None:
    """The workflow that stages the removal. Asked twice, it is staged once. Raises OutcomeUnknown."""
    wish = {
        "templateCode": CODE,
        "projectId": place.project_id,
        "environmentId": place.environment_id,
        "rootServiceId": place.service(),
        "stageOnly": True,
    }
    return (await client.change(document("templateRevert"), {"input": wish}, _Reverted)).template_revert.workflow_id


async def waiting_to_come(client: RailwayClient, place: Place) -> list[str]:
    """The ids of the poolers of this database that are staged and not there yet."""
    waiting = await patches.staged_services(client, place.environment_id)
    return sorted(
        service_id
        for service_id, change in waiting.items()
        if change is not None
        and not change.get("isDeleted")
        and _is_pooler_image(_mapping(change.get("source")).get("image"))
        and change.get("parentServiceId") in (None, place.service())
    )


async def waits_to_go(client: RailwayClient, place: Place, pooler_id: str) -> bool:
    waiting = await patches.staged_services(client, place.environment_id)
    if pooler_id not in waiting:
        return False
    change = waiting[pooler_id]
    return change is None or bool(change.get("isDeleted"))


def _readers(state: EnvironmentState, root: PostgresService, pooler: ServiceInstance | None) -> tuple[Reference, ...]:
    names = {root.service_name} | ({pooler.service_name} if pooler else set())
    apart = {root.service_id} | ({pooler.service_id} if pooler else set())
    found = references(state.config or {})
    return tuple(one for one in found if one.target_service_name in names and one.service_id not in apart)


def _key(reader: Reference) -> str:
    if reader.service_id is None:
        return f"sharedVariables.{reader.variable}"
    return f"services.{reader.service_id}.variables.{reader.variable}"


def _replicas(config: Mapping[str, Any]) -> int:
    regions = _mapping(_mapping(config.get("deploy")).get("multiRegionConfig")).values()
    told = [one.get("numReplicas") for one in regions if isinstance(one, Mapping)]
    return sum(count for count in told if isinstance(count, int)) or 1


def _is_pooler_image(image: Any) -> bool:
    return isinstance(image, str) and _IMAGE in image.lower()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
