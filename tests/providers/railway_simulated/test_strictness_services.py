"""Deployments, environments and what runs in them."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.planted import plant
from tests.providers.railway_simulated.asking import (
    IDLE,
    INSTANCE,
    POSTGRES,
    a_database,
    a_service,
    an_environment,
    ask,
    commit,
    config_of,
    connected,
    deployed,
    postgres_variables,
    public_url,
    refusal,
    services_in,
    until,
    volume_instance_of,
)
from tests.railway_simulator.process import Simulator

DELETE = "mutation($s: String!, $e: String) { serviceDelete(id: $s, environmentId: $e) }"
PASSWORD = "a-password-of-the-simulation"


@pytest.mark.parametrize("image", ["ghcr.io/railwayapp-templates/postgres-ssl:9", "example.com/nothing:1"])
async def test_an_image_that_cannot_be_pulled_fails_and_leaves_the_former_deployment(
    platform: Simulator, image: str
) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    former = await deployed(platform, environment_id, service_id)
    await commit(platform, environment_id, {"services": {service_id: {"source": {"image": image}}}})
    failed = await deployed(platform, environment_id, service_id, "FAILED")
    found = await ask(platform, INSTANCE, e=environment_id, s=service_id)
    assert [one["id"] for one in found["activeDeployments"]] == [former]
    logs = "query($d: String!) { deploymentLogs(deploymentId: $d, limit: 100) { message severity } }"
    assert "Failed to pull" in (await ask(platform, logs, d=failed))[0]["message"]


async def test_a_database_without_a_volume_crashes(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id, source={"image": POSTGRES})
    await deployed(platform, environment_id, service_id, "CRASHED")


async def test_a_deployment_that_succeeded_says_nothing_of_the_server_in_it(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    variables = postgres_variables(plant("a password", PASSWORD))
    del variables["POSTGRES_PASSWORD"]
    service_id, _ = await a_service(
        platform, environment_id, volume=True, source={"image": POSTGRES}, variables=variables
    )
    deployment_id = await deployed(platform, environment_id, service_id, "CRASHED")
    logs = "query($d: String!) { deploymentLogs(deploymentId: $d, limit: 100) { message severity } }"
    messages = [one["message"] for one in await ask(platform, logs, d=deployment_id)]
    assert messages[0] == "Starting Container"
    assert "password" in messages[1]


async def test_each_deployment_is_downtime_and_ends_the_former(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_database(platform, environment_id, password=plant("a password", PASSWORD))
    url = await public_url(platform, environment_id, service_id)
    former = await deployed(platform, environment_id, service_id)
    session = await connected(url)
    redeploy = "mutation($e: String!, $s: String!) { serviceInstanceRedeploy(environmentId: $e, serviceId: $s) }"
    assert await ask(platform, redeploy, e=environment_id, s=service_id) is True
    await until(lambda: deployed(platform, environment_id, service_id), lambda found: found != former)
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)):
        await session.fetchval("SELECT 1")
    session.terminate()
    read = "query($d: String!) { deployment(id: $d) { status } }"
    assert await ask(platform, read, d=former) == {"status": "REMOVED"}
    again = await connected(url)
    assert await again.fetchval("SELECT 1") == 1
    await again.close()


async def test_a_restart_makes_no_deployment_and_takes_no_new_variables(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_database(platform, environment_id, password=plant("a password", PASSWORD))
    deployment_id = await deployed(platform, environment_id, service_id)
    session = await connected(await public_url(platform, environment_id, service_id))
    started = await session.fetchval("SELECT pg_postmaster_start_time()")
    await session.close()
    upsert = "mutation($i: VariableCollectionUpsertInput!) { variableCollectionUpsert(input: $i) }"
    wanted = {"projectId": platform.project_id, "environmentId": environment_id, "serviceId": service_id}
    await ask(platform, upsert, i=wanted | {"variables": {"NEW": "1"}, "skipDeploys": True})
    restart = "mutation($d: String!) { deploymentRestart(id: $d) }"
    assert await ask(platform, restart, d=deployment_id) is True
    url = await public_url(platform, environment_id, service_id)

    async def start_time() -> Any:
        session = await connected(url)
        try:
            return await session.fetchval("SELECT pg_postmaster_start_time()")
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
            return started
        finally:
            session.terminate()

    await until(start_time, lambda found: found != started)
    assert await deployed(platform, environment_id, service_id) == deployment_id
    (container,) = [one for one in (await platform.state())["deployments"] if one["id"] == deployment_id]
    assert "POSTGRES_DB" in container["variables"]
    assert "NEW" not in container["variables"]


async def test_a_changed_password_variable_leaves_the_servers_password(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_database(platform, environment_id, password=plant("a password", PASSWORD))
    old = await public_url(platform, environment_id, service_id)
    former = await deployed(platform, environment_id, service_id)
    changed = {"variables": {"POSTGRES_PASSWORD": {"value": plant("another", "another-password-of-it")}}}
    await commit(platform, environment_id, {"services": {service_id: changed}})
    await until(lambda: deployed(platform, environment_id, service_id), lambda found: found != former)
    new = await public_url(platform, environment_id, service_id)
    assert new != old
    with pytest.raises(asyncpg.InvalidPasswordError):
        await connected(new)
    session = await connected(old)
    await session.close()


async def test_a_service_with_a_volume_has_no_replicas(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id, volume=True)
    patch = {"services": {service_id: {"deploy": {"multiRegionConfig": {"us-west2": {"numReplicas": 2}}}}}}
    query = "mutation($e: String!, $p: EnvironmentConfig!) { environmentPatchCommit(environmentId: $e, patch: $p) }"
    assert "replicas" in await refusal(platform, query, e=environment_id, p=patch)


async def test_a_deleted_service_leaves_its_volume(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, volume_id = await a_service(platform, environment_id, volume=True)
    await ask(platform, DELETE, s=service_id, e=environment_id)
    volume = await volume_instance_of(platform, environment_id, volume_id)
    assert (volume["serviceId"], volume["isPendingDeletion"], volume["state"]) == (None, False, "READY")


async def test_a_service_is_deleted_in_every_environment_that_is_no_fork(platform: Simulator) -> None:
    source = await an_environment(platform)
    service_id, _ = await a_service(platform, source)
    other, fork = await an_environment(platform), await an_environment(platform, sourceEnvironmentId=source)
    await commit(platform, other, {"services": {service_id: {"isCreated": True}}})
    await ask(platform, DELETE, s=service_id, e=other)
    assert await refusal(platform, INSTANCE, e=source, s=service_id) == "ServiceInstance not found"
    assert (await ask(platform, INSTANCE, e=fork, s=service_id))["source"] == {"image": IDLE}


async def test_a_service_deleted_in_a_fork_is_deleted_only_there(platform: Simulator) -> None:
    source = await an_environment(platform)
    service_id, _ = await a_service(platform, source)
    fork = await an_environment(platform, sourceEnvironmentId=source)
    await ask(platform, DELETE, s=service_id, e=fork)
    assert await refusal(platform, INSTANCE, e=fork, s=service_id) == "ServiceInstance not found"
    assert await ask(platform, INSTANCE, e=source, s=service_id)


async def test_a_fork_has_services_variables_and_volumes_and_none_of_the_data(platform: Simulator) -> None:
    source = await an_environment(platform)
    service_id, volume_id = await a_database(platform, source, password=plant("a password", PASSWORD))
    fork = await an_environment(platform, sourceEnvironmentId=source, skipInitialDeploys=True)
    mine, theirs = [await volume_instance_of(platform, one, volume_id) for one in (source, fork)]
    assert theirs["id"] != mine["id"]
    assert theirs["serviceId"] == service_id
    assert theirs["currentSizeMB"] == 0.0
    copied = (await config_of(platform, fork))["services"][service_id]["variables"]
    assert copied["POSTGRES_PASSWORD"] == {"value": PASSWORD}
    instance = await ask(platform, INSTANCE, e=fork, s=service_id)
    assert instance["latestDeployment"] is None


async def test_creating_a_fork_waits_for_it_unless_it_goes_on_in_the_background(platform: Simulator) -> None:
    source = await an_environment(platform)
    service_id, _ = await a_service(platform, source)
    await platform.settings(workflow_seconds=3600)
    waiting = asyncio.create_task(an_environment(platform, sourceEnvironmentId=source))
    fork = await an_environment(platform, sourceEnvironmentId=source, applyChangesInBackground=True)
    assert await refusal(platform, INSTANCE, e=fork, s=service_id) == "ServiceInstance not found"
    assert not waiting.done()
    await platform.clock(3601)
    assert await ask(platform, INSTANCE, e=await waiting, s=service_id)
    await until(lambda: services_in(platform, fork), len)


async def test_names_of_services_are_unique_in_a_project(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    (first, _), (second, _) = [await a_service(platform, environment_id) for _ in range(2)]
    rename = "mutation($s: String!, $n: String!) { serviceUpdate(id: $s, input: {name: $n}) { name } }"
    name = f"name-{uuid4()}"
    assert await ask(platform, rename, s=first, n=name) == {"name": name}
    assert "already exists" in await refusal(platform, rename, s=second, n=name)


async def test_limits_that_are_absent_stay_and_null_ones_are_lifted(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    update = "mutation($i: ServiceInstanceLimitsUpdateInput!) { serviceInstanceLimitsUpdate(input: $i) }"
    read = """query($e: String!, $s: String!) {
      serviceInstanceLimitOverride(environmentId: $e, serviceId: $s)
    }"""
    ids = {"environmentId": environment_id, "serviceId": service_id}
    assert await ask(platform, read, e=environment_id, s=service_id) is None
    await ask(platform, update, i=ids | {"memoryGB": 2, "vCPUs": 4})
    await ask(platform, update, i=ids | {"memoryGB": 3})
    both = {"containers": {"cpu": 4, "memoryBytes": 3_000_000_000}}
    assert await ask(platform, read, e=environment_id, s=service_id) == both
    await ask(platform, update, i=ids | {"vCPUs": None})
    assert await ask(platform, read, e=environment_id, s=service_id) == {"containers": {"memoryBytes": 3_000_000_000}}
    assert "plan" in await refusal(platform, update, i=ids | {"memoryGB": 1000})
