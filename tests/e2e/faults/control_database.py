"""The control database restarted, or away for longer than a lease, under the API and under jobs that run."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import httpx

from tests.e2e.faults import fault
from tests.e2e.faults.control_side import reasons
from tests.e2e.faults.server_side import back_up, free_name, restore, restored, taken, until
from tests.e2e.faults.store_side import gone, held, reading
from tests.e2e.world import World
from tests.storage.fault_proxy import complete, part

_LEASE_SECONDS: Final = 3.0  # of the world's workers


async def restarted(world: World, *, away_seconds: float = 0) -> None:
    """Returns when both replicas answer again."""
    await world.control.stop(world.random.choice(["fast", "immediate"]))
    await asyncio.sleep(away_seconds)
    await world.control.start()
    for replica in world.apis:
        await replica.ready()


@fault
async def the_control_database_restarted_during_a_backup(world: World) -> None:
    async with held(world, world.random.choice([part(), complete])) as gate:
        accepted = await back_up(world)
        await gate.arrived()
        await restarted(world)
        gate.opened.set()
        backup = await taken(world, accepted)
    await gone(world, backup["id"])


@fault
async def the_control_database_restarted_during_a_restore(world: World) -> None:
    backup = await world.good_backup()
    async with free_name(world) as name, held(world, reading) as gate:
        accepted = await restore(world, backup, name)
        await gate.arrived()
        await restarted(world)
        gate.opened.set()
        await restored(world, accepted)


@fault
async def the_control_database_away_for_longer_than_a_lease_during_a_backup(world: World) -> None:
    """The worker must believe that it lost the job, stops, and whoever comes first begins the step again."""
    async with held(world, part()) as gate:
        accepted = await back_up(world)
        await gate.arrived()
        await restarted(world, away_seconds=_LEASE_SECONDS + 2)
        gate.opened.set()
        backup = await taken(world, accepted)
    assert "worker lost" in await reasons(world, accepted["job"])
    await gone(world, backup["id"])


@fault
async def the_control_database_away_for_longer_than_a_lease_during_a_restore(world: World) -> None:
    backup = await world.good_backup()
    async with free_name(world) as name, held(world, reading) as gate:
        accepted = await restore(world, backup, name)
        await gate.arrived()
        await restarted(world, away_seconds=_LEASE_SECONDS + 2)
        gate.opened.set()
        await restored(world, accepted)
    assert "worker lost" in await reasons(world, accepted["job"])


@fault
async def requests_while_the_control_database_is_away(world: World) -> None:
    """A problem that says to try again, at once and everywhere; and all is well when it is back."""
    await world.get("/v1/whoami")
    await world.control.stop(world.random.choice(["fast", "immediate"]))
    try:
        async with asyncio.TaskGroup() as tasks:
            for client in (world.client, world.other_client):
                for path in ("/v1/whoami", "/v1/jobs", f"/v1/databases/{world.database}", world.backups):
                    tasks.create_task(_told(client.get(path)))
                tasks.create_task(_told(client.post(world.backups, json={}, headers={"Idempotency-Key": "away"})))
                tasks.create_task(_told(client.patch(f"/v1/databases/{world.database}", json={"labels": {"a": "b"}})))
        for client in (world.client, world.other_client):
            assert (await client.get("/readyz")).status_code == 503
            assert (await client.get("/livez")).status_code == 200
            assert (await client.get("/metrics")).status_code == 200
    finally:
        await world.control.start()
    for client in (world.client, world.other_client):

        async def answers(client: httpx.AsyncClient = client) -> bool:
            answer = await client.get(f"/v1/databases/{world.database}")
            assert answer.status_code in (200, 503), answer.text
            return answer.status_code == 200

        await until(answers, "a replica does not come back")
    assert (await world.get(f"/v1/databases/{world.database}"))["labels"] == {}


async def _told(request: Coroutine[Any, Any, httpx.Response]) -> None:
    answer = await request
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["retryable"]) == ("UNAVAILABLE", True)
    assert int(answer.headers["retry-after"]) == problem["retry_after"] > 0
