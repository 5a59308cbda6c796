"""Workers that die around each change of a pooler at Railway, answers that are lost, and workflows that fail."""

import pytest

from app.auth.scopes import Scope
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import JobArgs
from app.jobs.enqueue import Target, enqueue
from tests.pooling.at_railway.conftest import Pooled
from tests.providers.railway_simulated.asking import STAGE, ask, variables_of
from tests.workers import Killed, MakeWorker


class Dump(JobArgs, kind="test.pooling.dump", conflict=ConflictClass.BACKUP, scope=Scope.BACKUPS_WRITE):
    pass


BOTH = pytest.mark.parametrize("when", ["before", "after"])


async def assert_there_is_one(pooled: Pooled, size: int) -> None:
    (service_id,) = await pooled.poolers()
    assert await pooled.state() == "running"
    variables = await variables_of(pooled.platform, pooled.place.environment_id, service_id)
    assert variables["DEFAULT_POOL_SIZE"] == str(size)
    await assert_nothing_waits(pooled)


async def assert_nothing_waits(pooled: Pooled) -> None:
    assert await pooled.staged() == {}
    assert not await pooled.is_held()


@BOTH
@pytest.mark.parametrize("operation", ["templateDeployV2", "environmentPatchCommitStaged"])
async def test_attaching_after_a_kill(pooled: Pooled, killed: Killed, operation: str, when: str) -> None:
    pause = await pooled.platform.pause(operation, when)
    job = await killed(await pooled.ask("PUT", json={"default_pool_size": 6}), pause)
    assert job["state"] == "succeeded", job["error"]
    await assert_there_is_one(pooled, 6)


@BOTH
@pytest.mark.parametrize("operation", ["variableCollectionUpsert", "serviceInstanceRedeploy"])
async def test_other_options_after_a_kill(
    pooled: Pooled, make_worker: MakeWorker, killed: Killed, operation: str, when: str
) -> None:
    await pooled.attached(make_worker)
    pause = await pooled.platform.pause(operation, when)
    job = await killed(await pooled.ask("PUT", json={"default_pool_size": 6}), pause)
    assert job["state"] == "succeeded", job["error"]
    await assert_there_is_one(pooled, 6)


@BOTH
@pytest.mark.parametrize("operation", ["templateRevert", "environmentPatchCommitStaged"])
async def test_removing_after_a_kill(
    pooled: Pooled, make_worker: MakeWorker, killed: Killed, operation: str, when: str
) -> None:
    await pooled.attached(make_worker)
    pause = await pooled.platform.pause(operation, when)
    job = await killed(await pooled.ask("DELETE"), pause)
    assert job["state"] == "succeeded", job["error"]
    assert (await pooled.poolers(), await pooled.state()) == ({}, "none")
    await assert_nothing_waits(pooled)


@pytest.mark.parametrize("fault", ["lost_answer", "lost_request", "internal"])
async def test_attaching_without_an_answer(pooled: Pooled, worker: None, fault: str) -> None:
    for operation in ("templateDeployV2", "environmentPatchCommitStaged"):
        await pooled.platform.fault(operation, fault)
    job = await pooled.apply("PUT", json={"default_pool_size": 6})
    assert job["state"] == "succeeded", job["error"]
    await assert_there_is_one(pooled, 6)


@pytest.mark.parametrize("fault", ["lost_answer", "lost_request"])
async def test_removing_without_an_answer(pooled: Pooled, worker: None, fault: str) -> None:
    assert (await pooled.apply("PUT", json={}))["state"] == "succeeded"
    for operation in ("templateRevert", "environmentPatchCommitStaged"):
        await pooled.platform.fault(operation, fault)
    job = await pooled.apply("DELETE")
    assert job["state"] == "succeeded", job["error"]
    assert (await pooled.poolers(), await pooled.state()) == ({}, "none")
    await assert_nothing_waits(pooled)


@pytest.mark.parametrize("fault", ["workflow_error", "workflow_error_after"])
async def test_a_workflow_that_failed_leaves_nothing_staged(pooled: Pooled, worker: None, fault: str) -> None:
    await pooled.platform.fault("templateDeployV2", fault)
    job = await pooled.apply("PUT", json={})
    assert (job["state"], job["error"]["code"]) == ("failed", "RAILWAY_WORKFLOW_FAILED")
    assert (await pooled.poolers(), await pooled.state()) == ({}, "failed")
    await assert_nothing_waits(pooled)
    assert (await pooled.apply("PUT", json={"default_pool_size": 6}))["state"] == "succeeded"
    await assert_there_is_one(pooled, 6)


async def test_a_workflow_that_nobody_may_read_is_told_by_what_it_staged(pooled: Pooled, worker: None) -> None:
    await pooled.platform.fault("templateDeployV2", "workflow_refused")
    job = await pooled.apply("PUT", json={"default_pool_size": 6})
    assert job["state"] == "succeeded", job["error"]
    await assert_there_is_one(pooled, 6)


async def test_of_two_at_once_one_is_refused(pooled: Pooled, worker: None) -> None:
    pause = await pooled.platform.pause("templateDeployV2", "before")
    first = await pooled.ask("PUT", json={"default_pool_size": 6})
    assert await pause.reached(30)
    assert (await pooled.ask("PUT", expect=409, json={"default_pool_size": 7}))["code"] == "JOB_CONFLICT"
    assert (await pooled.ask("DELETE", expect=409))["code"] == "JOB_CONFLICT"
    await pause.release()
    assert (await pooled.finished(first))["state"] == "succeeded"
    await assert_there_is_one(pooled, 6)


async def test_while_a_dump_runs_nothing_deploys_the_server_anew(pooled: Pooled) -> None:
    async with pooled.runtime.sessions() as session, session.begin():
        await enqueue(session, Dump(), created_by="test", targets=[Target(pooled.database_id, "app")])
    assert (await pooled.ask("PUT", expect=409, json={}))["code"] == "JOB_CONFLICT"


async def test_one_that_is_called_off_before_the_commit_leaves_nothing(pooled: Pooled, worker: None) -> None:
    pause = await pooled.platform.pause("environmentPatchCommitStaged", "before")
    answer = await pooled.ask("PUT", json={})
    assert await pause.reached(30)
    cancelled = await pooled.client.post(f"{answer['job']['links']['self']}:cancel", headers=pooled.headers)
    assert cancelled.status_code == 202, cancelled.text
    assert (await pooled.finished(answer))["state"] == "cancelled"
    await pause.release()
    assert (await pooled.poolers(), await pooled.state()) == ({}, "failed")
    await assert_nothing_waits(pooled)


async def test_what_others_stage_meanwhile_is_not_deployed_and_not_lost(pooled: Pooled, worker: None) -> None:
    pause = await pooled.platform.pause("templateDeployV2", "after")
    answer = await pooled.ask("PUT", json={})
    assert await pause.reached(30)
    theirs = {"services": {pooled.place.service(): {"deploy": {"startCommand": "sleep 1"}}}}
    await ask(pooled.platform, STAGE, e=pooled.place.environment_id, patch=theirs, merge=True)
    await pause.release()
    job = await pooled.finished(answer)
    assert (job["state"], job["error"]["code"]) == ("failed", "RAILWAY_STAGED_CHANGES_FOREIGN")
    assert await pooled.poolers() == {}
    staged = (await pooled.staged())["services"][pooled.place.service()]
    assert staged["deploy"] == {"startCommand": "sleep 1"}
    assert not await pooled.is_held()
