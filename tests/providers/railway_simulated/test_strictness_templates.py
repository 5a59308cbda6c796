"""Templates, the services that come of them, and the workflows that make these."""

import asyncio
from typing import Any, Final, Literal

import asyncpg

from tests.providers.railway_simulated.asking import (
    COMMIT_STAGED,
    DATA,
    INSTANCE,
    STAGED,
    WAIT_SECONDS,
    WORKFLOW,
    a_database,
    a_service,
    an_environment,
    ask,
    commit,
    config_of,
    deployed,
    finished,
    public_url,
    refusal,
    services_in,
    until,
    variables_of,
    volumes_in,
)
from tests.railway_simulator.process import Simulator

TEMPLATE = "query($c: String) { template(code: $c) { id serializedConfig } }"
MODES: Final[tuple[Literal["disable", "require"], ...]] = ("disable", "require")
REVERT = "mutation($i: TemplateRevertInput!) { templateRevert(input: $i) { projectId workflowId } }"
DEPLOY = "mutation($i: TemplateDeployV2Input!) { templateDeployV2(input: $i) { projectId workflowId } }"


async def template(platform: Simulator, code: str = "postgres") -> dict[str, Any]:
    """With the defaults as values, as whoever deploys it has to fill them in."""
    found: dict[str, Any] = await ask(platform, TEMPLATE, token=None, c=code)
    for service in found["serializedConfig"]["services"].values():
        for variable in service["variables"].values():
            if "defaultValue" in variable:
                variable["value"] = variable["defaultValue"]
    return found


async def deploy(platform: Simulator, environment_id: str, **more: Any) -> str:
    found = await template(platform)
    wanted = {
        "templateId": found["id"],
        "serializedConfig": found["serializedConfig"],
        "projectId": platform.project_id,
        "environmentId": environment_id,
    }
    workflow_id: str = (await ask(platform, DEPLOY, i=wanted | more))["workflowId"]
    return workflow_id


async def test_the_postgres_template_is_private_and_lets_the_platform_make_the_password(platform: Simulator) -> None:
    found = await ask(platform, TEMPLATE, token=None, c="postgres")
    (service,) = found["serializedConfig"]["services"].values()
    assert service["networking"] == {}
    assert "generator" in service["variables"]["POSTGRES_PASSWORD"]
    assert "defaultValue" not in service["variables"]["POSTGRES_PASSWORD"]
    assert service["variables"]["PGUSER"]["defaultValue"] == "${{POSTGRES_USER}}"
    assert [mount["mountPath"] for mount in service["volumeMounts"].values()] == [DATA]


async def test_a_template_is_not_deployed_without_the_values_that_it_wants(platform: Simulator) -> None:
    found = await ask(platform, TEMPLATE, token=None, c="postgres")
    wanted = {"templateId": found["id"], "serializedConfig": found["serializedConfig"]}
    wanted |= {"projectId": platform.project_id, "environmentId": platform.environment_id}
    assert "POSTGRES_USER" in await refusal(platform, DEPLOY, i=wanted)


async def test_a_template_answers_with_a_workflow_and_only_the_list_tells_the_service(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    workflow_id = await deploy(platform, environment_id)
    assert (await finished(platform, workflow_id))["status"] == "Complete"
    (service_id,) = (await until(lambda: services_in(platform, environment_id), len)).values()
    await deployed(platform, environment_id, service_id)
    (volume,) = await volumes_in(platform, environment_id)
    assert (volume["serviceId"], volume["mountPath"]) == (service_id, DATA)
    variables = await variables_of(platform, environment_id, service_id)
    assert len(variables["POSTGRES_PASSWORD"]) == 32
    assert variables["POSTGRES_PASSWORD"].isalpha()
    assert variables["PGPASSWORD"] == variables["POSTGRES_PASSWORD"]


async def test_a_name_that_is_taken_gets_an_ending(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    workflows = [await deploy(platform, environment_id), await deploy(platform, environment_id)]
    for workflow_id in workflows:
        assert (await finished(platform, workflow_id))["status"] == "Complete"
    found = await until(lambda: services_in(platform, environment_id), lambda found: len(found) == 2)
    assert all(name.startswith("Postgres") for name in found)
    assert any(name.startswith("Postgres-") for name in found)


async def test_an_overlay_is_staged_onto_the_service_and_not_deployed(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    overlay = await template(platform, "postgres-pitr")
    more = {"templateId": overlay["id"], "serializedConfig": overlay["serializedConfig"]}
    workflow_id = await deploy(platform, environment_id, **more, existingRootServiceId=service_id, stageOnly=True)
    await finished(platform, workflow_id)
    assert (await ask(platform, STAGED, e=environment_id))["patch"]["services"] == {
        service_id: {"variables": {"WAL_ARCHIVE_BUCKET": {"value": "postgres-pitr"}}}
    }
    assert "WAL_ARCHIVE_BUCKET" not in await variables_of(platform, environment_id, service_id)


async def test_a_pooler_is_a_service_of_its_own_below_the_root(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    root, _ = await a_service(platform, environment_id)
    overlay = await template(platform, "postgres-with-pgbouncer")
    more = {"templateId": overlay["id"], "serializedConfig": overlay["serializedConfig"]}
    workflow_id = await deploy(platform, environment_id, **more, existingRootServiceId=root, stageOnly=True)
    await finished(platform, workflow_id)
    await ask(platform, COMMIT_STAGED, e=environment_id)
    services = (await config_of(platform, environment_id))["services"]
    (pooler,) = services.keys() - {root}
    assert (services[pooler]["parentServiceId"], services[pooler]["clusterRole"]) == (root, "edge")
    assert "pgbouncer" in services[pooler]["source"]["image"]
    name = (await ask(platform, INSTANCE, e=environment_id, s=pooler))["serviceName"]
    assert name.startswith("PgBouncer")
    await deployed(platform, environment_id, pooler)


async def overlaid(platform: Simulator, environment_id: str, root: str) -> str:
    """The id of the pooler before ``root``, once its template is committed."""
    overlay = await template(platform, "postgres-with-pgbouncer")
    more = {"templateId": overlay["id"], "serializedConfig": overlay["serializedConfig"]}
    await finished(platform, await deploy(platform, environment_id, **more, existingRootServiceId=root, stageOnly=True))
    await ask(platform, COMMIT_STAGED, e=environment_id)
    services = (await config_of(platform, environment_id))["services"]
    (pooler,) = [key for key, one in services.items() if one.get("parentServiceId") == root]
    return str(pooler)


async def entered(url: str, mode: Literal["disable", "require"]) -> "asyncpg.Connection[asyncpg.Record]":
    """It is deployed anew, and the database with it."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            try:
                return await asyncpg.connect(url, ssl=mode, statement_cache_size=0)
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)


async def test_a_pooler_runs_by_its_variables_and_is_taken_away_by_reverting_its_template(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    root, _ = await a_database(platform, environment_id, password="the-password-of-a-pooled-one")
    refused = {"templateCode": "postgres-with-pgbouncer", "projectId": platform.project_id, "stageOnly": True}
    refused |= {"environmentId": environment_id, "rootServiceId": root}
    assert "not applied" in await refusal(platform, REVERT, i=refused)
    pooler = await overlaid(platform, environment_id, root)
    await deployed(platform, environment_id, pooler)
    variables = {
        "DATABASE_PUBLIC_URL": {"value": "postgresql://${{RAILWAY_TCP_PROXY_DOMAIN}}:${{RAILWAY_TCP_PROXY_PORT}}"}
    }
    patch = {"services": {pooler: {"variables": variables, "networking": {"tcpProxies": {"5432": {}}}}}}
    await commit(platform, environment_id, patch)
    address = (await public_url(platform, environment_id, pooler)).removeprefix("postgresql://")
    url = f"postgresql://postgres:the-password-of-a-pooled-one@{address}"
    for mode in MODES:
        session = await entered(f"{url}/railway", mode)
        assert await session.fetchval("SELECT 1") == 1
        await session.close()

    await finished(platform, (await ask(platform, REVERT, i=refused))["workflowId"])
    staged = (await ask(platform, STAGED, e=environment_id))["patch"]["services"]
    assert staged[pooler] == {"isDeleted": True}
    assert staged[root]["variables"]["DATABASE_UNPOOLED_URL"] is None
    await ask(platform, COMMIT_STAGED, e=environment_id)
    assert pooler not in (await config_of(platform, environment_id))["services"]


async def test_an_overlay_may_lead_the_variables_of_other_services(platform: Simulator) -> None:
    await platform.settings(overlays_lead_readers=True)
    environment_id = await an_environment(platform)
    root, _ = await a_service(platform, environment_id)
    name = (await ask(platform, INSTANCE, e=environment_id, s=root))["serviceName"]
    reader, _ = await a_service(platform, environment_id, variables={"URL": {"value": f"${{{{{name}.PGHOST}}}}"}})
    pooler = await overlaid(platform, environment_id, root)
    pooled = (await ask(platform, INSTANCE, e=environment_id, s=pooler))["serviceName"]
    found = await variables_of(platform, environment_id, reader, unrendered=True)
    assert found["URL"] == f"${{{{{pooled}.PGHOST}}}}"


async def test_a_template_without_a_project_makes_one(platform: Simulator) -> None:
    found = await template(platform)
    wanted = {"templateId": found["id"], "serializedConfig": found["serializedConfig"]}
    assert await refusal(platform, DEPLOY, token="project", i=wanted) == "Not Authorized"
    made = await ask(platform, DEPLOY, i=wanted)
    assert made["projectId"] != platform.project_id
    assert (await finished(platform, made["workflowId"]))["status"] == "Complete"


async def test_a_workflow_is_unknown_at_first_then_runs_then_is_complete(platform: Simulator) -> None:
    await platform.settings(workflow_unknown_seconds=60, workflow_seconds=120)
    workflow_id = await deploy(platform, await an_environment(platform))
    assert "/" in workflow_id
    for status in ("NotFound", "Running"):
        assert (await ask(platform, WORKFLOW, w=workflow_id))["status"] == status
        await platform.clock(61)
    assert (await finished(platform, workflow_id))["status"] == "Complete"
    assert (await ask(platform, WORKFLOW, w="deployTemplate/nowhere"))["status"] == "NotFound"


async def test_a_workflow_that_failed_may_have_done_its_work(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    await platform.fault("templateDeployV2", "workflow_error_after")
    assert (await finished(platform, await deploy(platform, environment_id)))["status"] == "Error"
    assert len(await until(lambda: services_in(platform, environment_id), len)) == 1


async def test_a_workflow_may_fail_never_end_or_keep_its_status_to_itself(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    await platform.fault("templateDeployV2", "workflow_error")
    failed = await finished(platform, await deploy(platform, environment_id))
    await platform.fault("templateDeployV2", "workflow_never")
    never = await deploy(platform, environment_id)
    await platform.fault("templateDeployV2", "workflow_refused")
    silent = await deploy(platform, environment_id)
    assert (failed["status"], bool(failed["error"])) == ("Error", True)
    await until(lambda: services_in(platform, environment_id), len)
    assert len(await services_in(platform, environment_id)) == 1, "of the three, only the silent one did its work"
    assert (await ask(platform, WORKFLOW, w=never))["status"] == "Running"
    assert await refusal(platform, WORKFLOW, w=silent) == "Not Authorized"
