"""A new deployment of a service as it is configured now."""

import asyncio

from app.providers.railway.certainty import Sleep, certainly, seen
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.deployments import newest
from app.providers.railway.documents import document
from app.providers.railway.place import Place


async def redeploy(
    client: RailwayClient, place: Place, *, after: str | None, was_asked: bool = False, sleep: Sleep = asyncio.sleep
) -> None:
    """Begins one unless a newer one than ``after`` is there, whoever began it: each is an outage. Call it again at will.

    ``was_asked``: somebody asked before and died before the answer. What that began may not be seen at once, so it is
    looked for with patience.
    """

    async def has_begun() -> bool:
        latest = await newest(client, place)
        return latest is not None and latest.id != after

    if await (seen(has_begun, sleep=sleep) if was_asked else has_begun()):
        return
    request = {"environmentId": place.environment_id, "serviceId": place.service()}
    await certainly(lambda: client.change(document("serviceInstanceRedeploy"), request, Result), has_begun, sleep=sleep)
