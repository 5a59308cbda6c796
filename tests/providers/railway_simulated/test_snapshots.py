"""Snapshots as Railway has them, and the workflows that make them."""

import pytest

from app.errors import Problem
from app.providers.railway import snapshots as railway
from app.providers.railway.client import RailwayClient
from app.providers.railway.errors import RailwayForbidden, RailwayNotFound, RailwayOutOfReach
from app.providers.railway.snapshots import ScheduleKind
from app.providers.railway.workflows import Outcome, WorkflowFailed, finished
from tests.providers.railway_simulated.asking import until
from tests.providers.railway_simulated.speaking import speaking
from tests.railway_simulator.process import Simulator


async def a_volume(platform: Simulator) -> dict[str, str]:
    """One with no server over it."""
    made = await platform.seed(environments=1, databases_each=1)
    found: dict[str, str] = made["environments"][0]["databases"][0]
    return found


async def outcome(
    client: RailwayClient, workflow_id: str | None, *, seconds: float = 20.0
) -> tuple[Outcome, list[str]]:
    notes: list[str] = []
    return await finished(client, workflow_id, note=notes.append, seconds=seconds), notes


async def test_a_workflow_is_unknown_at_first_then_runs_then_is_complete(platform: Simulator) -> None:
    volume = await a_volume(platform)
    await platform.settings(workflow_unknown_seconds=0.3, workflow_seconds=1.5)
    async with speaking(platform) as client:
        workflow_id = await railway.take(client, volume["volume_instance_id"], "one")
        ended, notes = await outcome(client, workflow_id)
        found = await railway.snapshots(client, volume["volume_instance_id"])
    assert ended is Outcome.COMPLETE
    assert notes[0].endswith("not known yet")
    assert notes[-1].endswith("running")
    assert [one.name for one in railway.named(found, "one")] == ["one"]
    assert (found[0].schedule_id, found[0].expires_at) == (None, None)


async def test_a_workflow_that_goes_on_is_asked_about_again(platform: Simulator) -> None:
    volume = await a_volume(platform)
    await platform.settings(workflow_seconds=2.0)
    async with speaking(platform) as client:
        workflow_id = await railway.take(client, volume["volume_instance_id"], "one")
        assert (await outcome(client, workflow_id, seconds=0.6))[0] is Outcome.RUNNING
        assert (await outcome(client, workflow_id))[0] is Outcome.COMPLETE


async def test_a_workflow_that_fails_says_why(platform: Simulator) -> None:
    volume = await a_volume(platform)
    await platform.fault("volumeInstanceBackupCreate", "workflow_error")
    async with speaking(platform) as client:
        workflow_id = await railway.take(client, volume["volume_instance_id"], "one")
        with pytest.raises(WorkflowFailed) as raised:
            await outcome(client, workflow_id)
    assert raised.value.operation == "createVolumeInstanceBackup"
    assert raised.value.code == "RAILWAY_WORKFLOW_FAILED"


async def test_a_workflow_that_cannot_be_read_leaves_it_open(platform: Simulator) -> None:
    volume = await a_volume(platform)
    async with speaking(platform) as client:
        workflow_id = await railway.take(client, volume["volume_instance_id"], "one")
        assert (await outcome(client, workflow_id))[0] is Outcome.COMPLETE
        await until(
            lambda: railway.snapshots(client, volume["volume_instance_id"]), lambda found: [one.name for one in found]
        )
        (snapshot,) = await railway.snapshots(client, volume["volume_instance_id"])
        # Of a deletion the state may not be read, though it is carried out.
        workflow_id = await railway.delete(client, volume["volume_instance_id"], snapshot.id)
        assert (await outcome(client, workflow_id))[0] is Outcome.UNREADABLE
        await until(lambda: railway.snapshots(client, volume["volume_instance_id"]), lambda found: found == [])
        assert (await outcome(client, None))[0] is Outcome.UNREADABLE
        assert (await outcome(client, "createVolumeInstanceBackup/nothing", seconds=0.1))[0] is Outcome.UNREADABLE


async def test_a_schedule_replaces_the_one_before(platform: Simulator) -> None:
    instance = (await a_volume(platform))["volume_instance_id"]
    async with speaking(platform) as client:
        await railway.schedule(client, instance, [ScheduleKind.DAILY, ScheduleKind.WEEKLY])
        await railway.schedule(client, instance, [ScheduleKind.WEEKLY, ScheduleKind.MONTHLY])
        assert {one.kind for one in await railway.schedules(client, instance)} == {"WEEKLY", "MONTHLY"}
        await railway.schedule(client, instance, [])
        assert await railway.schedules(client, instance) == []


@pytest.mark.parametrize(
    ("change", "privilege", "problem"),
    [
        ("take", True, RailwayForbidden),  # it can be read, and not be written
        ("wrong id", False, RailwayOutOfReach),
        ("absent", False, RailwayNotFound),
    ],
)
async def test_a_refusal_has_its_meaning(
    platform: Simulator, change: str, problem: type[Problem], *, privilege: bool
) -> None:
    volume = await a_volume(platform)
    instance = volume["volume_id"] if change == "wrong id" else volume["volume_instance_id"]
    if privilege:
        await platform.settings(missing_privileges=["snapshots"])
    async with speaking(platform) as client:
        with pytest.raises(problem):
            if change == "absent":
                await railway.lock(client, instance, "nothing")
            else:
                await railway.take(client, instance, "one")
