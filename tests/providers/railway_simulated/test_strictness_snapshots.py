"""Native backups: made by workflows, listed later, restored into a new volume whose mount is only staged."""

from typing import Any

from tests.planted import plant
from tests.providers.railway_simulated.asking import (
    COMMIT_STAGED,
    DATA,
    STAGED,
    WORKFLOW,
    a_database,
    an_environment,
    ask,
    connected,
    deployed,
    finished,
    public_url,
    refusal,
    until,
    volume_instance_of,
    volumes_in,
)
from tests.railway_simulator.process import Simulator

CREATE = (
    "mutation($v: String!, $n: String) { volumeInstanceBackupCreate(volumeInstanceId: $v, name: $n) { workflowId } }"
)
BACKUPS = """query($v: String!) { volumeInstanceBackupList(volumeInstanceId: $v) {
  id name expiresAt scheduleId usedMB volumeInstanceSizeMB
} }"""
ONE = "volumeInstanceId: $v, volumeInstanceBackupId: $b"
DELETE = f"mutation($v: String!, $b: String!) {{ volumeInstanceBackupDelete({ONE}) {{ workflowId }} }}"
LOCK = f"mutation($v: String!, $b: String!) {{ volumeInstanceBackupLock({ONE}) }}"
RESTORE = f"mutation($v: String!, $b: String!) {{ volumeInstanceBackupRestore({ONE}) {{ workflowId }} }}"
SCHEDULE = """mutation($v: String!, $k: [VolumeInstanceBackupScheduleKind!]!) {
  volumeInstanceBackupScheduleUpdate(volumeInstanceId: $v, kinds: $k)
}"""
SCHEDULES = (
    "query($v: String!) { volumeInstanceBackupScheduleList(volumeInstanceId: $v) { id kind cron retentionSeconds } }"
)


async def a_volume(platform: Simulator) -> str:
    """A volume instance that looks as if it held data, which no server is behind."""
    seeded = await platform.seed(environments=1, databases_each=1)
    found: str = seeded["environments"][0]["databases"][0]["volume_instance_id"]
    return found


async def backups(platform: Simulator, instance_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await ask(platform, BACKUPS, v=instance_id)
    return found


async def take(platform: Simulator, instance_id: str, name: str) -> dict[str, Any]:
    workflow_id = (await ask(platform, CREATE, v=instance_id, n=name))["workflowId"]
    assert (await finished(platform, workflow_id))["status"] == "Complete"
    found = await until(
        lambda: backups(platform, instance_id), lambda found: name in {backup["name"] for backup in found}
    )
    return next(backup for backup in found if backup["name"] == name)


async def test_a_backup_is_known_by_its_name_and_listed_after_its_workflow(platform: Simulator) -> None:
    instance_id = await a_volume(platform)
    assert await backups(platform, instance_id) == []
    await platform.settings(visible_after_seconds=3600)
    workflow_id = (await ask(platform, CREATE, v=instance_id, n="before the move"))["workflowId"]
    assert workflow_id.startswith("createVolumeInstanceBackup/")
    assert (await finished(platform, workflow_id))["status"] == "Complete"
    assert await backups(platform, instance_id) == []
    await platform.clock(3601)
    (found,) = await backups(platform, instance_id)
    assert (found["name"], found["expiresAt"], found["scheduleId"]) == ("before the move", None, None)
    assert found["id"] not in workflow_id


async def test_a_backup_without_a_name_is_called_manual(platform: Simulator) -> None:
    instance_id = await a_volume(platform)
    await ask(platform, CREATE, v=instance_id)
    (found,) = await until(lambda: backups(platform, instance_id), len)
    assert found["name"] == "Manual"


async def test_a_volume_that_is_more_than_half_full_gets_no_manual_backup(platform: Simulator) -> None:
    await platform.settings(volume_size_mb=2000)
    assert "50%" in await refusal(platform, CREATE, v=await a_volume(platform))


async def test_a_volume_has_ten_backups_at_most(platform: Simulator) -> None:
    instance_id = await a_volume(platform)
    await platform.settings(workflow_seconds=0, workflow_unknown_seconds=0, visible_after_seconds=0)
    for number in range(10):
        await take(platform, instance_id, f"number {number}")
    assert "only 10 backups" in await refusal(platform, CREATE, v=instance_id)


async def test_the_status_of_a_deletion_cannot_be_read_and_it_is_done_all_the_same(platform: Simulator) -> None:
    instance_id = await a_volume(platform)
    backup = await take(platform, instance_id, "to be deleted")
    workflow_id = (await ask(platform, DELETE, v=instance_id, b=backup["id"]))["workflowId"]

    async def status() -> str:
        answer = await platform.graphql(platform.tokens["workspace"], WORKFLOW, {"w": workflow_id})
        return str(answer["errors"][0]["message"]) if "errors" in answer else "NotFound"

    assert await until(status, lambda found: found != "NotFound") == "Not Authorized"
    await until(lambda: backups(platform, instance_id), lambda found: not found)


async def test_schedules_are_replaced_as_a_whole_and_run_when_the_platform_likes(platform: Simulator) -> None:
    instance_id = await a_volume(platform)

    async def schedules() -> dict[str, Any]:
        return {one["kind"]: one for one in await ask(platform, SCHEDULES, v=instance_id)}

    assert await schedules() == {}, "a new database has none"
    await ask(platform, SCHEDULE, v=instance_id, k=["DAILY", "MONTHLY"])
    first = await schedules()
    assert {kind: one["retentionSeconds"] for kind, one in first.items()} == {"DAILY": 518_400, "MONTHLY": 7_689_600}
    assert first["MONTHLY"]["cron"].endswith(" 1 * *")
    await ask(platform, SCHEDULE, v=instance_id, k=["DAILY", "WEEKLY"])
    second = await schedules()
    assert second.keys() == {"DAILY", "WEEKLY"}
    assert second["DAILY"] == first["DAILY"]
    assert second["WEEKLY"]["retentionSeconds"] == 2_332_800
    await ask(platform, SCHEDULE, v=instance_id, k=[])
    assert await schedules() == {}


async def test_what_a_schedule_makes_expires_unless_it_is_locked(platform: Simulator) -> None:
    kept, lost = await a_volume(platform), await a_volume(platform)
    for instance_id in (kept, lost):
        await ask(platform, SCHEDULE, v=instance_id, k=["DAILY"])
    await platform.clock(86_400)
    await platform.settings(visible_after_seconds=0)
    (mine,), (other,) = await backups(platform, kept), await backups(platform, lost)
    assert mine["expiresAt"]
    assert mine["scheduleId"]
    for instance_id in (kept, lost):
        await ask(platform, SCHEDULE, v=instance_id, k=[])
    assert await ask(platform, LOCK, v=kept, b=mine["id"]) is True
    await platform.clock(518_400)
    assert [(one["id"], one["expiresAt"]) for one in await backups(platform, kept)] == [(mine["id"], None)]
    assert await backups(platform, lost) == []
    assert await refusal(platform, LOCK, v=lost, b=other["id"]) == "VolumeInstanceBackup not found"


async def test_a_volume_that_is_gone_takes_its_backups_along(platform: Simulator) -> None:
    seeded = await a_volume(platform)
    backup = await take(platform, seeded, "of a volume that is deleted")
    (found,) = [one for one in (await platform.state())["volume_instances"] if one["id"] == seeded]
    await ask(platform, "mutation($v: String!) { volumeDelete(volumeId: $v) }", v=found["volume_id"])
    assert "deleted" in await refusal(platform, CREATE, v=seeded)
    await platform.clock(49 * 3600)
    (gone,) = [one for one in (await platform.state())["backups"] if one["id"] == backup["id"]]
    assert gone["deleted_at"] is not None


async def test_a_restore_copies_into_a_new_volume_and_stages_the_swap(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, volume_id = await a_database(platform, environment_id, password=plant("a password", "a-password-kept"))
    instance = await volume_instance_of(platform, environment_id, volume_id)
    url = await public_url(platform, environment_id, service_id)

    async def said(statement: str) -> Any:
        session = await connected(url)
        found = await session.fetch(statement)
        await session.close()
        return [tuple(row) for row in found]

    await said("CREATE TABLE notes AS SELECT 'kept' AS note")
    backup = await take(platform, instance["id"], "with one note")
    await said("INSERT INTO notes VALUES ('lost')")
    await take(platform, instance["id"], "with two notes")
    workflow_id = (await ask(platform, RESTORE, v=instance["id"], b=backup["id"]))["workflowId"]
    assert (await finished(platform, workflow_id))["status"] == "Complete"
    assert len(await said("SELECT * FROM notes")) == 2, "nothing is restored before somebody commits it"

    patch = (await ask(platform, STAGED, e=environment_id))["patch"]
    (restored,) = patch["volumes"]
    assert patch["services"] == {service_id: {"volumeMounts": {volume_id: None, restored: {"mountPath": DATA}}}}
    (volume,) = [one for one in (await platform.state())["volumes"] if one["id"] == restored]
    assert volume["name"][:4].isdecimal(), "it is named after the backup's date"

    former = await deployed(platform, environment_id, service_id)
    await ask(platform, COMMIT_STAGED, e=environment_id)
    await until(lambda: deployed(platform, environment_id, service_id), lambda found: found != former)
    assert await said("SELECT * FROM notes") == [("kept",)]
    mounts = {one["volumeId"]: one["serviceId"] for one in await volumes_in(platform, environment_id)}
    assert mounts == {volume_id: None, restored: service_id}
    found = await until(lambda: backups(platform, instance["id"]), lambda found: len(found) == 1)
    assert [one["name"] for one in found] == ["with one note"], "the newer ones are gone"
