"""Asks the simulated platform in plain GraphQL, as anybody could, and waits for what it does afterwards."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg

from tests.railway_simulator.process import Simulator

WAIT_SECONDS = 90.0
POSTGRES = "ghcr.io/railwayapp-templates/postgres-ssl:15"
# Runs, and does nothing.
IDLE = "simulated/application:1"
DATA = "/var/lib/postgresql/data"
Found = TypeVar("Found")

COMMIT = (
    "mutation($e: String!, $patch: EnvironmentConfig!) { environmentPatchCommit(environmentId: $e, patch: $patch) }"
)
STAGE = """mutation($e: String!, $patch: EnvironmentConfig!, $merge: Boolean) {
  environmentStageChanges(environmentId: $e, input: $patch, merge: $merge) { id status }
}"""
STAGED = "query($e: String!) { environmentStagedChanges(environmentId: $e) { id status lastAppliedError patch(decryptVariables: true) } }"
COMMIT_STAGED = "mutation($e: String!) { environmentPatchCommitStaged(environmentId: $e, skipDeploys: false) }"
INSTANCE = """query($e: String!, $s: String!) {
  serviceInstance(environmentId: $e, serviceId: $s) {
    id serviceName region numReplicas startCommand source { image }
    latestDeployment { id status meta } activeDeployments { id }
  }
}"""
VOLUMES = """query($e: String!) { environment(id: $e) { volumeInstances { edges { node {
  id volumeId serviceId mountPath sizeMB currentSizeMB state region isPendingDeletion deletedAt
} } } } }"""
SERVICES = (
    "query($e: String!) { environment(id: $e) { serviceInstances { edges { node { serviceId serviceName } } } } }"
)
CONFIG = "query($e: String!, $d: Boolean) { environment(id: $e) { config(decryptVariables: $d) } }"
WORKFLOW = "query($w: String!) { workflowStatus(workflowId: $w) { status error } }"


async def ask(simulator: Simulator, query: str, /, *, token: str | None = "workspace", **variables: Any) -> Any:
    """What the first field of the data holds. ``token`` is one of those there were at first, or one that was made."""
    answer = await answer_to(simulator, query, token=token, **variables)
    assert "errors" not in answer, answer["errors"]
    return next(iter(answer["data"].values()))


async def refusal(simulator: Simulator, query: str, /, *, token: str | None = "workspace", **variables: Any) -> str:
    """Why there are no data."""
    answer = await answer_to(simulator, query, token=token, **variables)
    assert answer["data"] is None, answer["data"]
    message: str = answer["errors"][0]["message"]
    return message


async def answer_to(
    simulator: Simulator, query: str, /, *, token: str | None = "workspace", **variables: Any
) -> dict[str, Any]:
    return await simulator.graphql(simulator.tokens.get(token or "", token), query, variables)


async def until(read: Callable[[], Awaitable[Found]], wanted: Callable[[Found], object]) -> Found:
    """What is read when it is what is wanted."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not wanted(found := await read()):
            await asyncio.sleep(0.02)
    return found


async def an_environment(simulator: Simulator, **more: Any) -> str:
    """A new one, so that nothing of another test is in it."""
    wanted = {"projectId": simulator.project_id, "name": f"environment-{uuid4()}"} | more
    create = "mutation($i: EnvironmentCreateInput!) { environmentCreate(input: $i) { id } }"
    made: str = (await ask(simulator, create, i=wanted))["id"]
    return made


async def commit(simulator: Simulator, environment_id: str, patch: Mapping[str, Any]) -> None:
    await ask(simulator, COMMIT, e=environment_id, patch=patch)


async def a_service(simulator: Simulator, environment_id: str, *, volume: bool = False, **more: Any) -> tuple[str, str]:
    """Made by a patch; its id, and its volume's."""
    service_id, volume_id = str(uuid4()), str(uuid4())
    service: dict[str, Any] = {"isCreated": True, "source": {"image": IDLE}} | more
    patch: dict[str, Any] = {"services": {service_id: service}}
    if volume:
        service["volumeMounts"] = {volume_id: {"mountPath": DATA}}
        patch["volumes"] = {volume_id: {"isCreated": True}}
    await commit(simulator, environment_id, patch)
    return service_id, volume_id


def postgres_variables(password: str) -> dict[str, Any]:
    values = {
        "POSTGRES_USER": "postgres",
        "POSTGRES_DB": "railway",
        "POSTGRES_PASSWORD": password,
        "PGDATA": f"{DATA}/pgdata",
        "DATABASE_PUBLIC_URL": "postgresql://${{POSTGRES_USER}}:${{POSTGRES_PASSWORD}}"
        "@${{RAILWAY_TCP_PROXY_DOMAIN}}:${{RAILWAY_TCP_PROXY_PORT}}/${{POSTGRES_DB}}",
    }
    return {name: {"value": value} for name, value in values.items()}


async def a_database(simulator: Simulator, environment_id: str, *, password: str) -> tuple[str, str]:
    """One that runs and can be reached through its proxy; its service's id, and its volume's."""
    made = await a_service(
        simulator,
        environment_id,
        volume=True,
        source={"image": POSTGRES},
        variables=postgres_variables(password),
        networking={"tcpProxies": {"5432": {}}},
    )
    await deployed(simulator, environment_id, made[0])
    await public_url(simulator, environment_id, made[0])
    return made


async def deployed(simulator: Simulator, environment_id: str, service_id: str, status: str = "SUCCESS") -> str:
    """The id of its latest deployment, once that has the status."""
    found = await until(
        lambda: ask(simulator, INSTANCE, e=environment_id, s=service_id),
        lambda one: one["latestDeployment"] and one["latestDeployment"]["status"] == status,
    )
    deployment_id: str = found["latestDeployment"]["id"]
    return deployment_id


async def connected(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A deployment that succeeded says that its container started; the server in it may still be starting."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            try:
                return await asyncpg.connect(url, ssl="require")
            except (OSError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
                await asyncio.sleep(0.02)


async def variables_of(simulator: Simulator, environment_id: str, service_id: str, **more: Any) -> dict[str, str]:
    query = """query($p: String!, $e: String!, $s: String, $unrendered: Boolean) {
      variables(projectId: $p, environmentId: $e, serviceId: $s, unrendered: $unrendered)
    }"""
    found: dict[str, str] = await ask(simulator, query, p=simulator.project_id, e=environment_id, s=service_id, **more)
    return found


async def public_url(simulator: Simulator, environment_id: str, service_id: str) -> str:
    found = await until(
        lambda: variables_of(simulator, environment_id, service_id), lambda found: "DATABASE_PUBLIC_URL" in found
    )
    return found["DATABASE_PUBLIC_URL"]


async def volumes_in(simulator: Simulator, environment_id: str) -> list[dict[str, Any]]:
    found = await ask(simulator, VOLUMES, e=environment_id)
    return [edge["node"] for edge in found["volumeInstances"]["edges"]]


async def volume_instance_of(simulator: Simulator, environment_id: str, volume_id: str) -> dict[str, Any]:
    found = await until(
        lambda: volumes_in(simulator, environment_id), lambda found: volume_id in {one["volumeId"] for one in found}
    )
    return next(one for one in found if one["volumeId"] == volume_id)


async def finished(simulator: Simulator, workflow_id: str) -> dict[str, Any]:
    found: dict[str, Any] = await until(
        lambda: ask(simulator, WORKFLOW, w=workflow_id), lambda one: one["status"] in ("Complete", "Error")
    )
    return found


async def config_of(simulator: Simulator, environment_id: str, *, decrypt: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(simulator, CONFIG, e=environment_id, d=decrypt))["config"]
    return found


async def services_in(platform: Simulator, environment_id: str) -> dict[str, str]:
    edges = (await ask(platform, SERVICES, e=environment_id))["serviceInstances"]["edges"]
    return {edge["node"]["serviceName"]: edge["node"]["serviceId"] for edge in edges}
