"""Which kind of token is sent by which header, and what it may ask."""

from typing import Any
from uuid import uuid4

import pytest

from tests.providers.railway_simulated.asking import a_service, an_environment, ask, refusal, until, volume_instance_of
from tests.railway_simulator.process import Simulator

REFUSED = "Not Authorized"
PROJECT = "query($p: String!) { project(id: $p) { id environments { edges { node { id canAccess } } } } }"
ENVIRONMENT = "query($e: String!) { environment(id: $e) { id name } }"
TEMPLATE = '{ template(code: "postgres") { id } }'


async def sent(platform: Simulator, headers: dict[str, str], query: str, **variables: Any) -> dict[str, Any]:
    answer = await platform.post(headers, query, variables)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def test_a_token_travels_by_the_header_of_its_kind_only(platform: Simulator) -> None:
    tokens = platform.tokens
    for kind in ("account", "workspace"):
        right = await sent(platform, {"Authorization": f"Bearer {tokens[kind]}"}, PROJECT, p=platform.project_id)
        wrong = await sent(platform, {"Project-Access-Token": tokens[kind]}, PROJECT, p=platform.project_id)
        assert right["data"]["project"]["id"] == platform.project_id
        assert wrong["errors"][0]["message"] == "Project Token not found"
    right = await sent(platform, {"Project-Access-Token": tokens["project"]}, PROJECT, p=platform.project_id)
    wrong = await sent(platform, {"Authorization": f"Bearer {tokens['project']}"}, PROJECT, p=platform.project_id)
    assert right["data"]["project"]["id"] == platform.project_id
    assert wrong["errors"][0]["message"] == REFUSED


async def test_both_headers_at_once_are_refused(platform: Simulator) -> None:
    both = {
        "Authorization": f"Bearer {platform.tokens['workspace']}",
        "Project-Access-Token": platform.tokens["project"],
    }
    assert (await sent(platform, both, PROJECT, p=platform.project_id))["data"] is None


async def test_an_empty_bearer_is_refused_even_where_no_token_is_needed(platform: Simulator) -> None:
    body = await sent(platform, {"Authorization": "Bearer"}, TEMPLATE)
    assert body["data"] is None
    assert body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_templates_the_platforms_status_and_introspection_need_no_token(platform: Simulator) -> None:
    assert (await ask(platform, TEMPLATE, token=None))["id"]
    assert (await ask(platform, "{ platformStatus { isStable } }", token=None)) == {"isStable": True}
    assert (await ask(platform, "{ __schema { queryType { name } } }", token=None))["queryType"]["name"] == "Query"
    assert await refusal(platform, "{ regions { name } }", token=None) == REFUSED


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("{ me { id } }", {"account"}),
        ("{ projectToken { projectId } }", {"project"}),
        ("{ apiToken { workspaces { id } } }", {"account", "workspace"}),
    ],
)
async def test_who_one_is_can_be_asked_in_the_way_of_ones_kind_only(
    platform: Simulator, query: str, kinds: set[str]
) -> None:
    for kind in ("account", "workspace", "project"):
        if kind in kinds:
            assert await ask(platform, query, token=kind)
        else:
            assert await refusal(platform, query, token=kind) == REFUSED


async def test_a_project_token_cannot_read_its_workspace(platform: Simulator) -> None:
    query = "query($w: String!) { workspace(workspaceId: $w) { name } }"
    assert await ask(platform, query, w=platform.workspace_id)
    assert await refusal(platform, query, token="project", w=platform.workspace_id) == REFUSED


async def test_a_project_token_reaches_one_environment(platform: Simulator) -> None:
    other = await an_environment(platform)
    assert await ask(platform, ENVIRONMENT, token="project", e=platform.environment_id)
    assert await refusal(platform, ENVIRONMENT, token="project", e=other) == REFUSED
    edges = (await ask(platform, PROJECT, token="project", p=platform.project_id))["environments"]["edges"]
    entered = {edge["node"]["id"] for edge in edges if edge["node"]["canAccess"]}
    assert entered == {platform.environment_id}


@pytest.mark.parametrize(
    ("query", "more"),
    [
        (
            'mutation($p: String!) { environmentCreate(input: {projectId: $p, name: "new"}) { id } }',
            ["p"],
        ),
        ("mutation($e: String!) { environmentDelete(id: $e) }", ["e"]),
        ("query($p: String!) { usage(projectId: $p, measurements: [CPU_USAGE]) { value } }", ["p"]),
    ],
)
async def test_a_project_token_cannot_do_what_concerns_more_than_its_environment(
    platform: Simulator, query: str, more: list[str]
) -> None:
    ids = {"p": platform.project_id, "e": platform.environment_id}
    assert await refusal(platform, query, token="project", **{name: ids[name] for name in more}) == REFUSED


async def test_a_project_token_cannot_delete_a_service_without_naming_its_environment(platform: Simulator) -> None:
    service_id, _ = await a_service(platform, platform.environment_id)
    delete = "mutation($s: String!, $e: String) { serviceDelete(id: $s, environmentId: $e) }"
    assert await refusal(platform, delete, token="project", s=service_id) == REFUSED
    assert await ask(platform, delete, token="project", s=service_id, e=platform.environment_id) is True


async def test_a_live_token_may_lack_the_right_to_change_backups(platform: Simulator) -> None:
    _, volume_id = await a_service(platform, platform.environment_id, volume=True)
    instance = await volume_instance_of(platform, platform.environment_id, volume_id)
    member = await platform.token("workspace", privileges=["read", "write"])
    read = "query($v: String!) { volumeInstanceBackupList(volumeInstanceId: $v) { id } }"
    write = "mutation($v: String!) { volumeInstanceBackupCreate(volumeInstanceId: $v) { workflowId } }"
    assert await ask(platform, read, token=member, v=instance["id"]) == []
    assert await refusal(platform, write, token=member, v=instance["id"]) == REFUSED


async def test_a_dead_token_is_answered_like_one_that_lacks_a_right(platform: Simulator) -> None:
    token = await platform.token("workspace")
    assert await ask(platform, PROJECT, token=token, p=platform.project_id)
    await platform.kill_token(token)
    assert await refusal(platform, PROJECT, token=token, p=platform.project_id) == REFUSED


async def test_a_token_of_another_workspace_reaches_nothing_here(platform: Simulator) -> None:
    stranger = await platform.token("workspace", workspace_id=str(uuid4()))
    assert await refusal(platform, PROJECT, token=stranger, p=platform.project_id) == REFUSED


async def test_a_restricted_environment_is_seen_and_not_entered(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    await platform.settings(restricted_environments=[environment_id])
    assert await refusal(platform, ENVIRONMENT, e=environment_id) == REFUSED
    listed = {"node": {"id": environment_id, "canAccess": False}}
    await until(
        lambda: ask(platform, PROJECT, p=platform.project_id), lambda found: listed in found["environments"]["edges"]
    )
