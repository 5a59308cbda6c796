"""Volumes, and the public proxy."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.providers.railway_simulated.asking import (
    COMMIT,
    a_service,
    an_environment,
    ask,
    commit,
    deployed,
    refusal,
    until,
    volume_instance_of,
    volumes_in,
)
from tests.railway_simulator.process import Simulator

DELETE = "mutation($v: String!) { volumeDelete(volumeId: $v) }"
UPDATE = """mutation($v: String!, $e: String, $i: VolumeInstanceUpdateInput!) {
  volumeInstanceUpdate(volumeId: $v, environmentId: $e, input: $i)
}"""
CREATE = "mutation($i: VolumeCreateInput!) { volumeCreate(input: $i) { id name } }"
PROXIES = """query($e: String!, $s: String!) {
  tcpProxies(environmentId: $e, serviceId: $s) { id domain proxyPort applicationPort syncStatus deletedAt }
}"""
CLOSE = "mutation($i: String!) { tcpProxyDelete(id: $i) }"


def mounting(service_id: str, volume_id: str, path: str | None = "/data") -> dict[str, Any]:
    return {"services": {service_id: {"volumeMounts": {volume_id: path and {"mountPath": path}}}}}


async def test_a_service_has_one_volume(platform: Simulator) -> None:
    environment_id, another = await an_environment(platform), str(uuid4())
    service_id, _ = await a_service(platform, environment_id, volume=True)
    patch = mounting(service_id, another) | {"volumes": {another: {"isCreated": True}}}
    assert "one volume" in await refusal(platform, COMMIT, e=environment_id, patch=patch)


async def test_a_volume_is_on_one_service(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    first, volume_id = await a_service(platform, environment_id, volume=True)
    second, _ = await a_service(platform, environment_id)
    assert "another service" in await refusal(platform, COMMIT, e=environment_id, patch=mounting(second, volume_id))
    moved = mounting(first, volume_id, None)["services"] | mounting(second, volume_id)["services"]
    await commit(platform, environment_id, {"services": moved})
    assert (await volume_instance_of(platform, environment_id, volume_id))["serviceId"] == second


async def test_a_volume_only_grows_and_takes_its_time(platform: Simulator) -> None:
    await platform.settings(largest_volume_mb=100_000, resize_seconds=3600)
    environment_id = await an_environment(platform)
    _, volume_id = await a_service(platform, environment_id, volume=True)

    def sized(size: int) -> dict[str, Any]:
        return {"volumes": {volume_id: {"sizeMB": size, "allowOnlineResize": True}}}

    assert "smaller" in await refusal(platform, COMMIT, e=environment_id, patch=sized(49_999))
    assert "plan" in await refusal(platform, COMMIT, e=environment_id, patch=sized(100_001))
    await commit(platform, environment_id, sized(60_000))
    found = await volume_instance_of(platform, environment_id, volume_id)
    assert (found["sizeMB"], found["state"]) == (50_000, "UPDATING")
    assert "in progress" in await refusal(platform, COMMIT, e=environment_id, patch=sized(70_000))
    await platform.clock(3601)
    await until(
        lambda: volume_instance_of(platform, environment_id, volume_id),
        lambda one: (one["sizeMB"], one["state"]) == (60_000, "READY"),
    )


async def test_a_volume_that_may_not_grow_online_starts_its_service_anew(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, volume_id = await a_service(platform, environment_id, volume=True)
    first = await deployed(platform, environment_id, service_id)
    await commit(platform, environment_id, {"volumes": {volume_id: {"sizeMB": 60_000, "allowOnlineResize": True}}})
    await until(
        lambda: volume_instance_of(platform, environment_id, volume_id), lambda found: found["sizeMB"] == 60_000
    )
    assert await deployed(platform, environment_id, service_id) == first
    await commit(platform, environment_id, {"volumes": {volume_id: {"sizeMB": 70_000}}})
    await until(lambda: deployed(platform, environment_id, service_id), lambda found: found != first)


async def test_updating_a_volume_without_naming_its_service_takes_it_off(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, volume_id = await a_service(platform, environment_id, volume=True)
    await ask(platform, UPDATE, v=volume_id, e=environment_id, i={"serviceId": service_id, "mountPath": "/other"})
    found = await volume_instance_of(platform, environment_id, volume_id)
    assert (found["serviceId"], found["mountPath"]) == (service_id, "/other")
    await ask(platform, UPDATE, v=volume_id, e=environment_id, i={"mountPath": "/again"})
    found = await volume_instance_of(platform, environment_id, volume_id)
    assert (found["serviceId"], found["mountPath"]) == (None, "/again")


async def test_updating_a_volume_without_an_environment_changes_it_in_all(platform: Simulator) -> None:
    source = await an_environment(platform)
    _, volume_id = await a_service(platform, source, volume=True)
    fork = await an_environment(platform, sourceEnvironmentId=source)
    await ask(platform, UPDATE, v=volume_id, i={"mountPath": "/everywhere"})
    for environment_id in (source, fork):
        found = await volume_instance_of(platform, environment_id, volume_id)
        assert (found["serviceId"], found["mountPath"]) == (None, "/everywhere")


async def test_a_deleted_volume_can_be_saved_for_48_hours(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    _, volume_id = await a_service(platform, environment_id, volume=True)
    assert await ask(platform, DELETE, v=volume_id) is True
    found = await volume_instance_of(platform, environment_id, volume_id)
    assert found["isPendingDeletion"]
    assert found["serviceId"] is None
    assert found["deletedAt"] > (await platform.state())["now"]
    await platform.clock(48 * 3600 + 60)
    assert await volumes_in(platform, environment_id) == []
    assert await refusal(platform, DELETE, v=volume_id) == "Volume not found"


@pytest.mark.parametrize(("environment", "there"), [("null", False), ("absent", True)])
async def test_a_volume_is_made_nowhere_for_a_null_environment_and_everywhere_for_none(
    platform: Simulator, environment: str, there: bool
) -> None:
    environment_id = await an_environment(platform)
    wanted: dict[str, Any] = {"projectId": platform.project_id, "mountPath": "/data"}
    if environment == "null":
        wanted["environmentId"] = None
    volume = await ask(platform, CREATE, i=wanted)
    state = await platform.state()
    instances = {one["environment_id"] for one in state["volume_instances"] if one["volume_id"] == volume["id"]}
    assert (environment_id in instances) is there


async def proxies(platform: Simulator, environment_id: str, service_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await ask(platform, PROXIES, e=environment_id, s=service_id)
    return found


def public(service_id: str, port: str = "5432") -> dict[str, Any]:
    return {"services": {service_id: {"networking": {"tcpProxies": {port: {}}}}}}


async def test_a_proxy_is_created_before_it_is_active_and_has_a_new_port_each_time(platform: Simulator) -> None:
    await platform.settings(proxy_seconds=3600, visible_after_seconds=0)
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    await commit(platform, environment_id, public(service_id))
    (first,) = await proxies(platform, environment_id, service_id)
    assert (first["syncStatus"], first["applicationPort"]) == ("CREATING", 5432)
    assert "in progress" in await refusal(platform, CLOSE, i=first["id"])
    await platform.clock(3601)
    await until(lambda: proxies(platform, environment_id, service_id), lambda one: one[0]["syncStatus"] == "ACTIVE")
    assert await ask(platform, CLOSE, i=first["id"]) is True
    (closing,) = await proxies(platform, environment_id, service_id)
    assert closing["syncStatus"] == "DELETING"
    await platform.clock(3601)
    await until(lambda: proxies(platform, environment_id, service_id), lambda one: one[0]["deletedAt"])
    await commit(platform, environment_id, public(service_id))
    former, second = await proxies(platform, environment_id, service_id)
    assert (former["syncStatus"], former["id"]) == ("DELETED", first["id"])
    assert second["proxyPort"] != first["proxyPort"]


async def test_a_service_has_one_proxy(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    await commit(platform, environment_id, public(service_id))
    await commit(platform, environment_id, public(service_id))
    found = await until(lambda: proxies(platform, environment_id, service_id), len)
    assert len(found) == 1
    assert "one TCP proxy" in await refusal(platform, COMMIT, e=environment_id, patch=public(service_id, "6432"))


async def test_a_closed_proxy_answers_nobody(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    await commit(platform, environment_id, public(service_id))
    (found,) = await until(
        lambda: proxies(platform, environment_id, service_id), lambda one: one and one[0]["syncStatus"] == "ACTIVE"
    )
    await ask(platform, CLOSE, i=found["id"])
    await until(lambda: proxies(platform, environment_id, service_id), lambda one: one[0]["deletedAt"])
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection(found["domain"], found["proxyPort"])
