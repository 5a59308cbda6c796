"""Variables as callers read and write them. Every write is a new deployment unless it asks to skip that."""

import re
import secrets
import string
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tests.railway_simulator import reach
from tests.railway_simulator.deployments import deploy
from tests.railway_simulator.errors import BadInput
from tests.railway_simulator.model import Environment, ServiceInstance, Variable
from tests.railway_simulator.platform import Platform
from tests.railway_simulator.registry import Call, mutation, query
from tests.railway_simulator.rendering import SHARED, dependants, for_container, rendered, written

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BadInput(f"Invalid variable name: {name}")


def put(into: dict[str, Variable], values: Mapping[str, str]) -> None:
    for name, value in values.items():
        check_name(name)
        into[name] = Variable(value, sealed=name in into and into[name].sealed)


def generated(generator: Any) -> str:
    length = generator.get("length") if isinstance(generator, Mapping) else None
    return "".join(secrets.choice(string.ascii_letters) for _ in range(length if isinstance(length, int) else 32))


def redeploy_dependants(platform: Platform, environment: Environment, instance: ServiceInstance | None) -> None:
    """After a change of the service's variables, or of the shared ones: it, and whoever refers to it."""
    owner = SHARED if instance is None else platform.services[instance.service_id].name
    found = {one.id: one for one in dependants(platform, environment.id, owner)}
    if instance is not None:
        found[instance.id] = instance
    for one in found.values():
        deploy(platform, one, "variables")


def _open(variables: Iterable[tuple[str, Variable]]) -> list[tuple[str, Variable]]:
    return [(name, variable) for name, variable in variables if not variable.sealed]


@query()
async def variables(
    call: Call, *, project_id: str, environment_id: str, service_id: str | None = None, unrendered: bool | None = None
) -> dict[str, str]:
    platform, environment = call.platform, reach.environment(call, environment_id)
    reach.belongs(environment, project_id)
    if service_id is None:
        return {name: variable.value for name, variable in _open(environment.shared_variables.items())}
    instance = reach.instance(call, environment_id, service_id)
    found = dict(_open(written(platform, instance).items()))
    if unrendered:
        return {name: variable.value for name, variable in found.items()}
    return {name: value for name, value in rendered(platform, instance).items() if name in found}


@query()
async def variables_for_service_deployment(
    call: Call, *, project_id: str, environment_id: str, service_id: str
) -> dict[str, str]:
    instance = reach.instance(call, environment_id, service_id)
    reach.belongs(call.platform.environments[environment_id], project_id)
    sealed = {name for name, variable in instance.variables.items() if variable.sealed}
    return {name: value for name, value in for_container(call.platform, instance).items() if name not in sealed}


@mutation()
async def variable_collection_upsert(call: Call, *, input: dict[str, Any]) -> bool:  # noqa: A002 (the schema's name)
    platform, environment = call.platform, reach.environment(call, input["environment_id"])
    reach.belongs(environment, input["project_id"])
    service_id = input.get("service_id")
    instance = None if service_id is None else reach.instance(call, environment.id, service_id)
    holder = environment.shared_variables if instance is None else instance.variables
    values = input["variables"]
    changed = dict(holder)
    if input.get("replace"):
        changed = {name: variable for name, variable in changed.items() if name in values}
    put(changed, values)
    holder.clear()
    holder.update(changed)
    if not input.get("skip_deploys"):
        redeploy_dependants(platform, environment, instance)
    return True
