"""A new deployment of a service as it is configured now."""

import asyncio

from app.providers.railway.certainty import Sleep, certainly
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.deployments import newest
from app.providers.railway.documents import document
from app.providers.railway.place import Place


async def redeploy(client: RailwayClient, place: Place, *, after: str | None, sleep: Sleep = asyncio.sleep) -> None:
    """Begins one unless a newer one than ``after`` is there, whoever began it: each is an outage. Call it again at will."""

    async def has_begun() -> bool:
        latest = await newest(client, place)
        return latest is not None and latest.id != after

    if await has_begun():
        return
    request = {"environmentId": place.environment_id, "serviceId": place.service()}
    await certainly(lambda: client.change(document("serviceInstanceRedeploy"), request, Result), has_begun, sleep=sleep)
