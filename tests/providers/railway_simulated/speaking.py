"""Our own client towards the simulated platform, and places there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from app.http import JsonClient
from app.kit.ids import new_id
from app.providers.railway.client import RailwayClient
from app.providers.railway.credential import RailwayCredential, TokenKind
from app.providers.railway.limiter import RateLimiter
from app.providers.railway.place import Place
from tests.providers.railway_simulated.asking import a_service, volume_instance_of
from tests.railway_simulator.process import Simulator


@asynccontextmanager
async def speaking(simulator: Simulator, token: str | None = None) -> AsyncIterator[RailwayClient]:
    """By a workspace's token, the first one unless another is given."""
    http = JsonClient()
    credential = RailwayCredential(TokenKind.WORKSPACE, SecretStr(token or simulator.tokens["workspace"]))
    try:
        yield RailwayClient(simulator.endpoint, credential, RateLimiter(per_second=1000), http)
    finally:
        await http.aclose()


async def a_place(simulator: Simulator, environment_id: str, *, volume: bool = False, name: str | None = None) -> Place:
    """That of a new service without a server, with a volume where one is wished."""
    variables = {"POSTGRES_PASSWORD": {"value": "not-a-real-one"}, "PGHOST": {"value": "${{RAILWAY_PRIVATE_DOMAIN}}"}}
    service_id, volume_id = await a_service(simulator, environment_id, volume=volume, variables=variables)
    instance = await volume_instance_of(simulator, environment_id, volume_id) if volume else None
    return Place(
        connection_id=new_id(),
        project_id=simulator.project_id,
        environment_id=environment_id,
        service_id=service_id,
        service_name=name,
        volume_id=volume_id if volume else None,
        volume_instance_id=instance["id"] if instance else None,
    )
