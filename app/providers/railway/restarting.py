"""Restarting the container of a service as it is, without a new deployment."""

from typing import Final

from app.providers.protocol import silent
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.deployments import DOWN, Deployment, active, newest, settled
from app.providers.railway.documents import document
from app.providers.railway.place import Place
from app.providers.railway.redeployment import redeploy

_SECONDS: Final = 120.0


async def restart(client: RailwayClient, place: Place) -> None:
    """Where nothing runs any more, by a new deployment. Raises DeploymentFailed, DeploymentPending.

    Raises OutcomeUnknown as well, after which only the server tells whether it was restarted.
    """
    running = await active(client, place)
    if running:
        await client.change(document("deploymentRestart"), {"id": running[0]}, Result)
        await settled(client, place, seconds=_SECONDS, note=silent)
    else:
        await start(client, place)


async def start(client: RailwayClient, place: Place) -> None:
    """A new deployment, unless one is up or on its way up. Raises DeploymentFailed, DeploymentPending."""
    latest = await newest(client, place)
    if latest is None or _is_down(latest):
        await redeploy(client, place, after=latest.id if latest else None)
        await settled(client, place, after=latest.id if latest else None, seconds=_SECONDS, note=silent)
    else:
        await settled(client, place, seconds=_SECONDS, note=silent)


def _is_down(deployment: Deployment) -> bool:
    return deployment.deployment_stopped or deployment.status in DOWN or deployment.status == "SLEEPING"
