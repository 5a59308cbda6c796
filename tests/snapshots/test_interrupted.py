"""Workers that end in the middle of a request to Railway, and others that go on."""

import pytest

from app.runtime import Runtime
from tests.railway_simulator.process import Simulator
from tests.snapshots.conftest import Album, working


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_snapshot_is_taken_once(runtime: Runtime, album: Album, simulator: Simulator, when: str) -> None:
    pause = await simulator.pause("volumeInstanceBackupCreate", when)
    accepted = await album.start()
    async with working(runtime):
        assert await pause.reached()
    await pause.release()
    async with working(runtime):
        await album.succeeded(accepted)
    assert [one["name"] for one in await album.backups()] == [accepted["name"]]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "operation",
    [
        "volumeInstanceBackupRestore",
        "workflowStatus",
        "environmentPatchCommitStaged",
        "volumeInstanceBackupScheduleUpdate",
        "deployments",
    ],
)
async def test_a_snapshot_is_restored_once(
    runtime: Runtime, album: Album, simulator: Simulator, operation: str, when: str
) -> None:
    await album.execute("CREATE TABLE moments (moment text)")
    async with working(runtime):
        snapshot = await album.taken()
    await album.execute("DROP TABLE moments")
    await album.call("PUT", "/snapshot-schedule", {"kinds": ["daily"]}, expect=200)
    pause = await simulator.pause(operation, when)
    accepted = await album.start_restore(snapshot)
    async with working(runtime):
        assert await pause.reached()
    await pause.release()
    async with working(runtime):
        await album.succeeded(accepted)
    assert await album.execute("SELECT count(*) FROM moments") == 0
    assert len(await album.volumes()) == 2
    assert await album.staged() == {}
    assert (await album.call("GET", "/snapshot-schedule", expect=200))["kinds"] == ["daily"]
