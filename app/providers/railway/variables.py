"""The variables of a service: as they are written, with references, and as a container sees them.

What is sealed never comes back, neither way. Nothing here deploys anything unless it is asked to.
"""

from collections.abc import Collection, Mapping

from pydantic import Field

from app.providers.railway import patches
from app.providers.railway.certainty import certainly
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.inventory import config_of, read_environment
from app.providers.railway.place import Place


class _Rendered(Result):
    variables: dict[str, str] = Field(alias="variablesForServiceDeployment")


class _Written(Result):
    variables: dict[str, str]


async def rendered(client: RailwayClient, place: Place) -> dict[str, str]:
    """As the container of its next deployment will see them, with those of Railway itself (``RAILWAY_…``)."""
    return (await client.read(document("variablesForServiceDeployment"), _of(place), _Rendered)).variables


async def unrendered(client: RailwayClient, place: Place) -> dict[str, str]:
    """As they were written: references stand in them as ``${{Service.NAME}}``."""
    return (await client.read(document("variables"), _of(place) | {"unrendered": True}, _Written)).variables


async def upsert(
    client: RailwayClient,
    place: Place,
    variables: Mapping[str, str],
    *,
    skip_deploys: bool = True,
    shared: bool = False,
) -> None:
    """Sets these and leaves the others. Without ``skip_deploys`` Railway deploys the service, and who refers to it.

    ``shared``: those of the environment instead, which all services may read.

    A lost answer is followed by a look. One that cannot be decided, since the variable is sealed, raises OutcomeUnknown.
    """
    wanted = dict(variables)
    whose = _environment_of(place) if shared else _of(place)
    request = {"input": whose | {"variables": wanted, "replace": False, "skipDeploys": skip_deploys}}

    async def is_made() -> bool:
        found = await client.read(document("variables"), whose | {"unrendered": True}, _Written)
        return wanted.items() <= found.variables.items()

    await certainly(lambda: client.change(document("variableCollectionUpsert"), request, Result), is_made)


async def delete(client: RailwayClient, place: Place, names: Collection[str], message: str) -> list[str]:
    """Removes them without a deployment, by way of the staged changes; those that were there.

    May be called again after anything. Raises StagedChangesForeign before it stages, if somebody's changes wait.
    """
    service_id = place.service()
    present = await _names(client, place)
    there = [name for name in names if name in present]
    if not there:
        return []
    own = [f"services.{service_id}.variables.{name}" for name in there]
    patch = {"services": {service_id: {"variables": dict.fromkeys(there)}}}
    await patches.require_none_foreign(client, place.environment_id, own)

    async def is_staged() -> bool:
        return set(own) <= set((await patches.staged(client, place.environment_id)).keys)

    async def is_gone() -> bool:
        return not await _names(client, place) & set(there)

    async def commit() -> None:
        await patches.commit_staged(client, place.environment_id, message, own_keys=own, skip_deploys=True)

    await certainly(lambda: patches.stage(client, place.environment_id, patch), is_staged)
    await certainly(commit, is_gone)
    return there


async def _names(client: RailwayClient, place: Place) -> set[str]:
    """The sealed ones among them, which only the environment's document knows."""
    config = (await read_environment(client, place.environment_id, config=True)).config
    found = config_of(config, place.service()).get("variables")
    return set(found) if isinstance(found, Mapping) else set()


def _of(place: Place) -> dict[str, str]:
    return _environment_of(place) | {"serviceId": place.service()}


def _environment_of(place: Place) -> dict[str, str]:
    return {"projectId": place.project_id, "environmentId": place.environment_id}
