"""Variables: how they are rendered, who is started anew by a change, and what is never shown."""

from typing import Any

from tests.providers.railway_simulated.asking import (
    a_service,
    an_environment,
    answer_to,
    ask,
    commit,
    config_of,
    deployed,
    public_url,
    refusal,
    until,
    variables_of,
)
from tests.railway_simulator.process import Simulator

UPSERT = "mutation($i: VariableCollectionUpsertInput!) { variableCollectionUpsert(input: $i) }"
FOR_CONTAINER = """query($p: String!, $e: String!, $s: String!) {
  variablesForServiceDeployment(projectId: $p, environmentId: $e, serviceId: $s)
}"""
RENAME = "mutation($s: String!, $n: String!) { serviceUpdate(id: $s, input: {name: $n}) { name } }"


async def upsert(platform: Simulator, environment_id: str, values: dict[str, Any], **more: Any) -> None:
    wanted = {"projectId": platform.project_id, "environmentId": environment_id, "variables": values} | more
    assert await ask(platform, UPSERT, i=wanted) is True


def values(**given: str) -> dict[str, Any]:
    return {name: {"value": value} for name, value in given.items()}


async def named(platform: Simulator, environment_id: str, name: str, **variables: str) -> str:
    service_id, _ = await a_service(platform, environment_id, variables=values(**variables))
    await ask(platform, RENAME, s=service_id, n=name)
    return service_id


async def test_references_are_rendered_and_kept_as_they_are_where_that_is_asked(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    await named(platform, environment_id, "The base", SECRET="x", URL="//${{SECRET}}@${{RAILWAY_SERVICE_NAME}}")
    await upsert(platform, environment_id, {"REGION": "west"})
    text = "${{The base.URL}} ${{shared.REGION}} ${{The base.NOTHING}} ${{OWN}} ${{Nobody.URL}}"
    service_id = await named(platform, environment_id, "The user", OWN="mine", TEXT=text)
    found = await variables_of(platform, environment_id, service_id)
    assert found["TEXT"] == "//x@The base west  mine "
    assert (await variables_of(platform, environment_id, service_id, unrendered=True))["TEXT"] == text


async def test_a_reference_that_comes_back_to_itself_is_empty(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id, variables=values(A="a${{B}}", B="b${{A}}"))
    found = await variables_of(platform, environment_id, service_id)
    assert found["A"].startswith("ab")


async def test_what_the_platform_gives_is_only_in_what_a_container_gets(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id, volume=True, variables=values(A="1"))
    assert await variables_of(platform, environment_id, service_id) == {"A": "1"}
    found = await ask(platform, FOR_CONTAINER, p=platform.project_id, e=environment_id, s=service_id)
    assert found["RAILWAY_ENVIRONMENT_ID"] == environment_id
    assert found["RAILWAY_VOLUME_MOUNT_PATH"]
    assert found["RAILWAY_PRIVATE_DOMAIN"]
    assert "RAILWAY_TCP_PROXY_PORT" not in found


async def test_the_public_address_is_there_only_while_there_is_public_access(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(
        platform,
        environment_id,
        variables=values(DATABASE_PUBLIC_URL="//${{RAILWAY_TCP_PROXY_DOMAIN}}:${{RAILWAY_TCP_PROXY_PORT}}/x"),
    )
    assert await variables_of(platform, environment_id, service_id) == {}
    await platform.settings(public_url_when_private="empty")
    assert await variables_of(platform, environment_id, service_id) == {"DATABASE_PUBLIC_URL": "//:/x"}
    await platform.settings(public_url_when_private="absent")
    await commit(platform, environment_id, {"services": {service_id: {"networking": {"tcpProxies": {"5432": {}}}}}})
    assert (await public_url(platform, environment_id, service_id)).startswith("//127.0.0.1:")


async def test_a_sealed_variable_never_comes_back(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    sealed = {"KEY": {"value": "hidden", "isSealed": True}} | values(COPY="${{KEY}}")
    service_id, _ = await a_service(platform, environment_id, variables=sealed)
    assert await variables_of(platform, environment_id, service_id) == {"COPY": "hidden"}
    variables = (await config_of(platform, environment_id))["services"][service_id]["variables"]
    assert variables["KEY"] == {"value": None, "isSealed": True}


async def test_values_in_a_config_are_null_unless_they_are_asked_for(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id, variables=values(A="1"))
    for decrypt, value in ((False, None), (True, "1")):
        config = await config_of(platform, environment_id, decrypt=decrypt)
        assert config["services"][service_id]["variables"] == {"A": {"value": value}}


async def test_a_write_deploys_the_service_and_who_refers_to_it_unless_that_is_skipped(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    base = await named(platform, environment_id, "Base of it", A="1")
    user = await named(platform, environment_id, "User of it", B="${{Base of it.A}}")
    other = await named(platform, environment_id, "Neither", C="1")
    before = {one: await deployed(platform, environment_id, one) for one in (base, user, other)}
    await upsert(platform, environment_id, {"A": "2"}, serviceId=base, skipDeploys=True)
    assert (await variables_of(platform, environment_id, user))["B"] == "2"
    after = {one: await deployed(platform, environment_id, one) for one in (base, user, other)}
    assert after == before
    await upsert(platform, environment_id, {"A": "3"}, serviceId=base)
    for one in (base, user):
        former = before[one]
        await until(lambda one=one: deployed(platform, environment_id, one), lambda new, former=former: new != former)  # type: ignore[misc] # of a lambda that keeps the loop's value
    assert await deployed(platform, environment_id, other) == before[other]


async def test_an_upsert_that_replaces_removes_what_it_does_not_name(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id, variables=values(A="1", B="2"))
    more = {"serviceId": service_id, "skipDeploys": True}
    await upsert(platform, environment_id, {"C": "3"}, **more)
    assert await variables_of(platform, environment_id, service_id) == {"A": "1", "B": "2", "C": "3"}
    await upsert(platform, environment_id, {"C": "4"}, **more, replace=True)
    assert await variables_of(platform, environment_id, service_id) == {"C": "4"}


async def test_a_null_in_a_patch_deletes_a_variable(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id, variables=values(A="1", B="2"))
    await commit(platform, environment_id, {"services": {service_id: {"variables": {"A": None}}}})
    assert await variables_of(platform, environment_id, service_id) == {"B": "2"}


async def test_values_are_texts(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    wanted = {"projectId": platform.project_id, "environmentId": environment_id, "serviceId": service_id}
    answer = await answer_to(platform, UPSERT, i=wanted | {"variables": {"PORT": 5432}})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "name" in await refusal(platform, UPSERT, i=wanted | {"variables": {"not a name": "1"}})
