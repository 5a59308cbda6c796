"""Patches of an environment's config, committed at once or staged, and the volumes in them."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.providers.railway_simulated.asking import (
    COMMIT,
    COMMIT_STAGED,
    DATA,
    IDLE,
    INSTANCE,
    STAGE,
    STAGED,
    a_service,
    an_environment,
    answer_to,
    ask,
    commit,
    config_of,
    deployed,
    refusal,
    until,
    variables_of,
    volume_instance_of,
)
from tests.railway_simulator.process import Simulator


def setting(service_id: str, **variables: str) -> dict[str, Any]:
    return {"services": {service_id: {"variables": {name: {"value": value} for name, value in variables.items()}}}}


async def unmerged(platform: Simulator, environment_id: str) -> int:
    query = "query($e: String!) { environment(id: $e) { unmergedChangesCount } }"
    found: int = (await ask(platform, query, e=environment_id))["unmergedChangesCount"]
    return found


async def test_a_patch_makes_a_service_with_its_volume_by_the_ids_of_the_caller(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, volume_id = await a_service(platform, environment_id, volume=True)
    await deployed(platform, environment_id, service_id)
    volume = await volume_instance_of(platform, environment_id, volume_id)
    assert (volume["serviceId"], volume["mountPath"]) == (service_id, DATA)


async def test_a_patch_of_a_service_that_is_not_there_says_that_it_creates_it(platform: Simulator) -> None:
    environment_id, service_id = await an_environment(platform), str(uuid4())
    patch = {"services": {service_id: {"source": {"image": IDLE}}}}
    assert await refusal(platform, COMMIT, e=environment_id, patch=patch) == "Service not found"


async def test_keys_that_the_platform_does_not_know_do_nothing(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, volume_id = await a_service(platform, environment_id, volume=True, name="A name in a patch")
    await commit(platform, environment_id, {"volumes": {volume_id: {"sizeMb": 60_000}}})
    assert (await ask(platform, INSTANCE, e=environment_id, s=service_id))["serviceName"] != "A name in a patch"
    assert (await config_of(platform, environment_id))["volumes"][volume_id]["sizeMB"] == 50_000


@pytest.mark.parametrize(
    "service",
    [
        {"variables": {"A": "1"}},
        {"variables": {"A": {"value": 1}}},
        {"source": {"image": 7}},
        {"networking": {"tcpProxies": {"all": {}}}},
        {"deploy": {"limitOverride": {"containers": {"memoryBytes": "2GB"}}}},
        {"volumeMounts": {"no-uuid": {"mountPath": "/data"}}},
    ],
)
async def test_a_patch_with_a_value_of_the_wrong_kind_is_bad_input(platform: Simulator, service: Any) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    answer = await answer_to(platform, COMMIT, e=environment_id, patch={"services": {service_id: service}})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_region_that_there_is_not_is_refused(platform: Simulator) -> None:
    environment_id, nowhere = await an_environment(platform), "europe-west9"
    service_id, volume_id = await a_service(platform, environment_id)
    moved = {"services": {service_id: {"deploy": {"multiRegionConfig": {nowhere: {"numReplicas": 1}}}}}}
    made = {"volumes": {volume_id: {"isCreated": True, "region": nowhere}}}
    for patch in (moved, made):
        assert nowhere in await refusal(platform, COMMIT, e=environment_id, patch=patch)
    create = "mutation($i: VolumeCreateInput!) { volumeCreate(input: $i) { id } }"
    volume = {"projectId": platform.project_id, "environmentId": environment_id, "mountPath": DATA, "region": nowhere}
    assert nowhere in await refusal(platform, create, i=volume)


@pytest.mark.parametrize(
    ("service", "size", "said"),
    [
        ({"variables": {"A": {"value": "1"}}}, 10, "smaller"),
        ({"variables": {"A": {"value": "1"}, "B": {}}}, 60_000, "no value"),
        ({"source": {"image": "simulated/other:1"}, "variables": {"not a name": {"value": "1"}}}, 60_000, "name"),
        ({"networking": {"tcpProxies": {"5432": {}, "5433": {}}}}, 60_000, "one TCP proxy"),
    ],
)
async def test_a_patch_that_is_refused_changes_nothing(
    platform: Simulator, service: dict[str, Any], size: int, said: str
) -> None:
    environment_id = await an_environment(platform)
    service_id, volume_id = await a_service(platform, environment_id, volume=True)
    before = await config_of(platform, environment_id)
    patch = {"services": {service_id: service}, "volumes": {volume_id: {"sizeMB": size}}}
    assert said in await refusal(platform, COMMIT, e=environment_id, patch=patch)
    assert await config_of(platform, environment_id) == before


async def test_two_patches_at_once_are_committed_one_after_the_other(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    public: dict[str, Any] = {"services": {service_id: {"networking": {"tcpProxies": {"5432": {}}}}}}
    await asyncio.gather(*(commit(platform, environment_id, public) for _ in range(5)))
    assert len([one for one in (await platform.state())["proxies"] if one["service_id"] == service_id]) == 1


async def test_a_patch_deploys_what_it_touches(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    (touched, _), (other, _) = [await a_service(platform, environment_id) for _ in range(2)]
    before = [await deployed(platform, environment_id, one) for one in (touched, other)]
    await commit(platform, environment_id, setting(touched, A="1"))
    await until(lambda: deployed(platform, environment_id, touched), lambda found: found != before[0])
    assert await deployed(platform, environment_id, other) == before[1]


async def test_a_patch_commit_leaves_what_is_staged(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    staged = setting(service_id, STAGED="1")
    await ask(platform, STAGE, e=environment_id, patch=staged, merge=True)
    await commit(platform, environment_id, setting(service_id, DIRECT="1"))
    assert await variables_of(platform, environment_id, service_id) == {"DIRECT": "1"}
    assert (await ask(platform, STAGED, e=environment_id))["patch"] == staged


async def test_there_is_one_staged_patch_and_it_is_committed_as_a_whole(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    await ask(platform, STAGE, e=environment_id, patch=setting(service_id, MINE="1"), merge=True)
    theirs = await platform.token("account")
    await ask(platform, STAGE, token=theirs, e=environment_id, patch=setting(service_id, THEIRS="1"), merge=True)
    assert await unmerged(platform, environment_id) == 2
    await ask(platform, COMMIT_STAGED, e=environment_id)
    assert await variables_of(platform, environment_id, service_id) == {"MINE": "1", "THEIRS": "1"}
    assert await unmerged(platform, environment_id) == 0


async def test_staging_without_merging_replaces_and_nothing_empties(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    first = await ask(platform, STAGE, e=environment_id, patch=setting(service_id, A="1"), merge=True)
    await ask(platform, STAGE, e=environment_id, patch=setting(service_id, B="1"), merge=False)
    assert (await ask(platform, STAGED, e=environment_id))["patch"] == setting(service_id, B="1")
    await ask(platform, STAGE, e=environment_id, patch={}, merge=False)
    found = await ask(platform, STAGED, e=environment_id)
    assert (found["id"], found["status"], found["patch"]) == (first["id"], "STAGED", {})
    assert await unmerged(platform, environment_id) == 0


async def test_without_staged_changes_there_is_an_empty_patch_and_nothing_to_apply(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    found = await ask(platform, STAGED, e=environment_id)
    assert (found["status"], found["patch"]) == ("STAGED", {})
    assert await refusal(platform, COMMIT_STAGED, e=environment_id) == "No patch to apply"


async def test_a_staged_patch_that_cannot_be_committed_stays_and_says_why(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    patch = {"services": {str(uuid4()): {"source": {"image": IDLE}}}}
    await ask(platform, STAGE, e=environment_id, patch=patch, merge=True)
    assert await refusal(platform, COMMIT_STAGED, e=environment_id) == "Service not found"
    found = await ask(platform, STAGED, e=environment_id)
    assert (found["status"], found["lastAppliedError"]) == ("STAGED", "Service not found")


async def test_values_in_a_staged_patch_are_null_unless_they_are_asked_for(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    await ask(platform, STAGE, e=environment_id, patch=setting(service_id, A="1"), merge=True)
    query = "query($e: String!) { environmentStagedChanges(environmentId: $e) { patch } }"
    found = await ask(platform, query, e=environment_id)
    assert found["patch"]["services"][service_id]["variables"] == {"A": {"value": None}}


async def test_the_configs_tag_changes_with_it(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    query = "query($e: String!) { environment(id: $e) { configEtag } }"
    before = await ask(platform, query, e=environment_id)
    assert await ask(platform, query, e=environment_id) == before
    await a_service(platform, environment_id)
    assert await ask(platform, query, e=environment_id) != before
