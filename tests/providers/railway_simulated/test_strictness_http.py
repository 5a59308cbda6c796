"""What comes back: statuses, errors that look like success, quotas, pages, and answers that never come."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from tests.providers.railway_simulated.asking import (
    SERVICES,
    a_service,
    an_environment,
    answer_to,
    ask,
    config_of,
    refusal,
    until,
    volume_instance_of,
)
from tests.railway_simulator.process import Simulator

NOWHERE = str(uuid4())
REGIONS = "{ regions { name } }"
RENAME = "mutation($s: String!, $n: String!) { serviceUpdate(id: $s, input: {name: $n}) { name } }"


async def test_a_refusal_comes_with_status_200_and_a_code_that_says_nothing(platform: Simulator) -> None:
    answer = await platform.post(platform.headers(platform.tokens["workspace"]), "{ me { id } }")
    (error,) = answer.json()["errors"]
    assert answer.status_code == 200
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["traceId"]
    assert error["path"] == ["me"]


@pytest.mark.parametrize(
    ("query", "code"),
    [("{ regions {", "GRAPHQL_PARSE_FAILED"), ("{ regions { planet } }", "GRAPHQL_VALIDATION_FAILED")],
)
async def test_a_document_that_is_not_valid_comes_back_with_status_400(
    platform: Simulator, query: str, code: str
) -> None:
    answer = await platform.post(platform.headers(platform.tokens["workspace"]), query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert "data" not in answer.json()


@pytest.mark.parametrize("patch", [7, None, [{}]])
async def test_a_variable_of_the_wrong_type_is_bad_input(platform: Simulator, patch: object) -> None:
    query = 'mutation($p: EnvironmentConfig!) { environmentStageChanges(environmentId: "x", input: $p) { id } }'
    answer = await answer_to(platform, query, p=patch)
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_an_hours_quota_is_told_by_headers_and_refused_with_429(platform: Simulator) -> None:
    headers = platform.headers(await platform.token("workspace"))
    await platform.settings(hourly_limit=2)
    told = [await platform.post(headers, REGIONS) for _ in range(3)]
    assert [answer.status_code for answer in told] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in told] == ["1", "0", "0"]
    assert {answer.headers["X-RateLimit-Limit"] for answer in told} == {"2"}
    assert ["Retry-After" in answer.headers for answer in told] == [False, False, True]
    assert told[2].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    await platform.clock(float(told[2].headers["Retry-After"]))
    assert (await platform.post(headers, REGIONS)).status_code == 200


async def test_a_second_has_a_quota_too(platform: Simulator) -> None:
    headers = platform.headers(await platform.token("workspace"))
    await platform.settings(per_second=1)
    answers = await asyncio.gather(*(platform.post(headers, REGIONS) for _ in range(8)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("query($i: String!) { project(id: $i) { id } }", "Project not found"),
        ("query($i: String!) { environment(id: $i) { id } }", "Environment not found"),
        ("query($i: String!) { volumeInstance(id: $i) { id } }", "VolumeInstance not found"),
        ("query($i: String!) { deployment(id: $i) { id } }", "Deployment not found"),
        ("mutation($i: String!) { volumeDelete(volumeId: $i) }", "Volume not found"),
        ("mutation($i: String!) { tcpProxyDelete(id: $i) }", "TCPProxy not found"),
    ],
)
async def test_what_is_nowhere_is_not_found(platform: Simulator, query: str, message: str) -> None:
    assert await refusal(platform, query, i=NOWHERE) == message


async def test_a_volumes_id_in_the_place_of_its_instances_is_not_authorized(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    _, volume_id = await a_service(platform, environment_id, volume=True)
    instance = await volume_instance_of(platform, environment_id, volume_id)
    backup = "mutation($v: String!) { volumeInstanceBackupCreate(volumeInstanceId: $v) { workflowId } }"
    read = "query($v: String!) { volumeInstance(id: $v) { id } }"
    delete = "mutation($v: String!) { volumeDelete(volumeId: $v) }"
    assert await refusal(platform, backup, v=volume_id) == "Not Authorized"
    assert await refusal(platform, read, v=volume_id) == "Not Authorized"
    assert await refusal(platform, delete, v=instance["id"]) == "Not Authorized"


async def test_the_catch_all_has_a_trace_id_and_no_code(platform: Simulator) -> None:
    await platform.fault("regions", "internal")
    answer = await answer_to(platform, REGIONS)
    (error,) = answer["errors"]
    assert error["message"] == "Problem processing request"
    assert error["traceId"]
    assert error.keys() == {"message", "traceId"}


async def test_a_page_has_a_hundred_entries_at_most(platform: Simulator) -> None:
    seeded = await platform.seed(environments=1, databases_each=120)
    environment_id = seeded["environments"][0]["environment_id"]
    query = """query($e: String!, $after: String) { environment(id: $e) {
      serviceInstances(first: 500, after: $after) { edges { node { serviceId } } pageInfo { hasNextPage endCursor } }
    } }"""
    found: list[str] = []
    sizes: list[int] = []
    after, more = None, True
    while more:
        page = (await ask(platform, query, e=environment_id, after=after))["serviceInstances"]
        found += [edge["node"]["serviceId"] for edge in page["edges"]]
        sizes.append(len(page["edges"]))
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert sizes[0] == 100
    assert len(found) == len(set(found))
    assert {one["service_id"] for one in seeded["environments"][0]["databases"]} <= set(found)


async def test_a_null_in_a_promised_field_takes_the_whole_answer_away(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    await platform.fault("serviceUpdate", "null")
    answer = await answer_to(platform, RENAME, s=service_id, n="renamed-though-nobody-said-so")
    assert answer["data"] is None
    assert answer["errors"][0]["path"] == ["serviceUpdate", "name"]
    assert "Cannot return null for non-nullable field Service.name" in answer["errors"][0]["message"]
    found = await until(
        lambda: ask(platform, SERVICES, e=environment_id), lambda found: found["serviceInstances"]["edges"]
    )
    services = found["serviceInstances"]["edges"]
    assert [edge["node"]["serviceName"] for edge in services] == ["renamed-though-nobody-said-so"]


@pytest.mark.parametrize(("kind", "done"), [("lost_answer", True), ("lost_request", False)])
async def test_a_change_without_an_answer_may_have_been_made(platform: Simulator, kind: str, done: bool) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id, variables={"A": {"value": "1"}})
    await platform.fault("environmentPatchCommit", kind)
    with pytest.raises(httpx.RemoteProtocolError):
        await a_service(platform, environment_id, variables={"B": {"value": "1"}})
    services = (await config_of(platform, environment_id))["services"]
    assert (len(services) == 2) is done
    assert service_id in services


@pytest.mark.parametrize(("kind", "done"), [("html_502", False), ("html_502_after", True)])
async def test_a_bad_gateway_is_a_page_and_says_nothing_of_what_was_done(
    platform: Simulator, kind: str, done: bool
) -> None:
    service_id, _ = await a_service(platform, await an_environment(platform))
    await platform.fault("serviceUpdate", kind)
    name = f"name-{uuid4()}"
    headers = platform.headers(platform.tokens["workspace"])
    answer = await platform.post(headers, RENAME, {"s": service_id, "n": name})
    assert answer.status_code == 502
    assert answer.headers["Content-Type"] == "text/html"
    names = [one["name"] for one in (await platform.state())["services"] if one["id"] == service_id]
    assert (names == [name]) is done


async def test_creations_are_throttled(platform: Simulator) -> None:
    await platform.settings(creation_throttle_seconds=30)
    await platform.clock(31)
    await an_environment(platform)
    create = "mutation($p: String!, $n: String!) { environmentCreate(input: {projectId: $p, name: $n}) { id } }"
    volume = """mutation($p: String!, $e: String!) {
      volumeCreate(input: {projectId: $p, environmentId: $e, mountPath: "/data"}) { id }
    }"""
    assert "every 30s" in await refusal(platform, create, p=platform.project_id, n=str(uuid4()))
    assert await ask(platform, volume, p=platform.project_id, e=platform.environment_id)
    assert "too quickly" in await refusal(platform, volume, p=platform.project_id, e=platform.environment_id)
    await platform.clock(31)
    await an_environment(platform)


async def test_lists_show_what_was_made_and_deleted_a_little_later(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    await until(lambda: ask(platform, SERVICES, e=environment_id), lambda found: found["serviceInstances"]["edges"])
    await platform.settings(visible_after_seconds=3600)
    await platform.clock(3601)
    made, _ = await a_service(platform, environment_id)
    delete = "mutation($s: String!, $e: String) { serviceDelete(id: $s, environmentId: $e) }"
    await ask(platform, delete, s=service_id, e=environment_id)

    async def listed() -> list[str]:
        found = await ask(platform, SERVICES, e=environment_id)
        return [edge["node"]["serviceId"] for edge in found["serviceInstances"]["edges"]]

    assert await listed() == [service_id]
    await platform.clock(3601)
    assert await listed() == [made]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_request_can_be_stopped_before_and_after_it_is_carried_out(platform: Simulator, when: str) -> None:
    service_id, _ = await a_service(platform, await an_environment(platform))
    pause = await platform.pause("serviceUpdate", when)
    name = f"name-{uuid4()}"
    renaming = asyncio.create_task(ask(platform, RENAME, s=service_id, n=name))
    assert await pause.reached(30)
    names = [one["name"] for one in (await platform.state())["services"] if one["id"] == service_id]
    assert (names == [name]) is (when == "after")
    assert not renaming.done()
    await pause.release()
    assert await renaming == {"name": name}
