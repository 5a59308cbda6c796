"""`pgmanager dev`: the embedded stack, left running until Ctrl-C."""

import asyncio
import json
import signal
from pathlib import Path

from app.embedded.api import Api
from app.embedded.provider import StackProvider
from app.embedded.simulated_railway import SimulatedRailway, majors
from app.embedded.stack import BUCKET, Stack, embedded_stack


async def run(directory: Path, *, port: int, provider: StackProvider) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    simulated = provider is StackProvider.RAILWAY_SIMULATOR
    railway = ", a simulated Railway" if simulated else ""
    print(f"Starting the control database, the object store{railway}, the API and a worker …", flush=True)
    if simulated:
        # The simulated platform forgets, so what the service remembers of it must go too; a local stack's data stay.
        directory /= provider.value
    async with embedded_stack(directory, port=port, provider=provider, fresh=simulated) as stack:
        print(_introduction(stack, directory), flush=True)
        if stack.railway:
            await _introduce_railway(stack, stack.railway)
        await stop.wait()
        print("Stopping …", flush=True)


def _introduction(stack: Stack, directory: Path) -> str:
    store = stack.store
    kept = "the next start begins anew" if stack.railway else f"its data stay in {directory}/"
    return f"""
The stack runs. Ctrl-C stops it; {kept}.

    export PGM_URL={stack.base_url}
    export PGM_KEY={stack.admin_key.get_secret_value()}
    export S3_ENDPOINT={store.endpoint_url}
    export S3_BUCKET={BUCKET}
    export S3_ACCESS_KEY_ID={store.access_key}
    export S3_SECRET_ACCESS_KEY={store.secret_key.get_secret_value()}

Documentation of the API: {stack.base_url}/docs
Log of the service:       {stack.log_file}
"""


async def _introduce_railway(stack: Stack, railway: SimulatedRailway) -> None:
    """Registers the simulated platform, and says what else can be done with it."""
    print("Registering the simulated Railway:")
    api = Api(stack.base_url, stack.admin_key)
    try:
        project = await api.call("POST", "/v1/projects", {"name": "railway"})
        connection = await api.call("POST", "/v1/railway-connections", railway.connection(project["id"]))
    finally:
        await api.close()
    runs = ", ".join(str(major) for major in await majors())
    wish = json.dumps(railway.database(project["id"], connection["id"], "shop"), indent=2)
    print(
        f"""
    GraphQL endpoint     {railway.endpoint}
    workspace token      {railway.tokens["workspace"]}
    everything there     {railway.control}/state
    PostgreSQL (major)   {runs}; others are not installed on this machine

    export project={project["id"]} connection={connection["id"]}
    export railway_project={railway.project_id} railway_environment={railway.environment_id}

This creates a database there, {project["id"]} being our project and {connection["id"]} the connection:

curl --fail-with-body "$PGM_URL/v1/databases" -H "Authorization: Bearer $PGM_KEY" \\
  -H "Idempotency-Key: $RANDOM-shop" -H "Content-Type: application/json" -d '{wish}'
""",
        flush=True,
    )
