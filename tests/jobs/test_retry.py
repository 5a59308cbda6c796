"""/v1/jobs/{id}:retry: a new job in the place of one that failed."""

from typing import Any

import httpx
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.scopes import Scope
from app.databases.models import DatabaseState
from app.errors import Unprocessable
from app.jobs import hooks
from app.jobs.contract import KINDS, JobArgs
from app.jobs.enqueue import Target
from app.jobs.hooks import Hooks, hooks_of, register
from app.jobs.models import Job
from app.kit.ids import encode_id, new_id
from app.providers.railway.options import RailwayOptions
from app.provisioning.schemas import CreateDatabase
from app.snapshots.schemas import RestoreSnapshot
from tests.control import KeyFactory, bearer
from tests.jobs.harness import HOST, Jobs, failed_job
from tests.jobs.kinds import Forced, Lifecycle, Other, Plain

Headers = dict[str, str]


def path_of(job: Job, action: str = "") -> str:
    return f"/v1/jobs/{encode_id('job', job.id)}{action}"


async def retry(client: httpx.AsyncClient, job: Job, headers: Headers, key: str = "k") -> httpx.Response:
    return await client.post(path_of(job, ":retry"), headers={**headers, "Idempotency-Key": key})


async def test_a_retry_is_a_new_job_of_its_own(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prepare(_session: AsyncSession, job: Job, args: Any) -> JobArgs:
        return Lifecycle() if job.host_id != HOST else args.model_copy()

    monkeypatch.setattr(hooks, "_HOOKS", {})
    register(Lifecycle, Hooks(retried=prepare))
    main, second = sorted((new_id(), new_id()), reverse=True)  # not the order that the database would give
    failed = await failed_job(
        jobs,
        Lifecycle(),
        targets=[Target(main, "app"), Target(second)],
        project_id=new_id(),
        subject_id="bak_1",
        host_id=HOST,
        request_id="r",
    )
    response = await retry(client, failed, as_admin)
    assert response.status_code == 202
    view = response.json()
    assert response.headers["location"] == view["links"]["self"]
    assert (view["state"], view["retry_of"], view["attempt"]) == ("queued", encode_id("job", failed.id), 0)
    made = await jobs.get((await jobs.all())[1])
    assert (made.args, made.project_id, made.subject_id) == (failed.args, failed.project_id, "bak_1")
    assert (made.database_id, made.host_id, made.root_id) == (main, HOST, made.id)
    assert {(it.database_id, it.subject) for it in await jobs.targets(made)} == {(main, "app"), (second, "")}
    assert (await jobs.get(failed)) == failed  # final rows never change
    replayed = await retry(client, failed, as_admin)
    assert (replayed.json()["id"], replayed.headers["idempotency-replayed"]) == (view["id"], "true")
    refused = await retry(client, failed, as_admin, key="another")
    assert (refused.status_code, refused.json()["code"]) == (409, "JOB_CONFLICT")
    assert refused.json()["blocking_job_id"] == view["id"]


async def test_a_retry_runs_the_hook_that_may_refuse_or_change_it(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prepare(_session: AsyncSession, _job: Job, args: Any) -> JobArgs:
        if args.note == "refused":
            raise Unprocessable("the backup is gone")
        return Plain(note="changed")

    monkeypatch.setitem(hooks._HOOKS, Plain.kind, Hooks(retried=prepare))
    assert hooks_of("unknown") == Hooks()
    changed = await retry(client, await failed_job(jobs), as_admin)
    assert (await jobs.get((await jobs.all())[1])).args == {"note": "changed"}
    assert changed.json()["subject_id"] is None
    refused = await retry(client, await failed_job(jobs, Plain(note="refused")), as_admin, key="2")
    assert (refused.status_code, refused.json()["detail"]) == (422, "the backup is gone")


async def test_a_cancelled_job_can_be_retried(client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers) -> None:
    job = await jobs.enqueue(Plain())
    await client.post(path_of(job, ":cancel"), headers=as_admin)
    assert (await retry(client, job, as_admin)).status_code == 202


@pytest.mark.parametrize("why", ["live", "child", "unknown kind", "unreadable arguments"])
async def test_what_cannot_be_retried_says_why(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why == "live":
        job = await jobs.enqueue(Plain())
    elif why == "child":
        job = await failed_job(jobs, parent=await jobs.enqueue(Other()))
    else:
        job = await failed_job(jobs)
    if why == "unknown kind":
        monkeypatch.delitem(KINDS, Plain.kind)
    if why == "unreadable arguments":
        await jobs.execute("""UPDATE job SET args = '{"gone": 1}'""")
    response = await retry(client, job, as_admin)
    reasons = {
        "live": "is queued",
        "child": "a part of another one",
        "unknown kind": "knows no jobs of kind",
        "unreadable arguments": "cannot read",
    }
    assert (response.status_code, response.json()["code"]) == (409, "STATE_INVALID")
    assert reasons[why] in response.json()["detail"]


async def test_a_retry_needs_the_scope_of_the_kind(
    client: httpx.AsyncClient, jobs: Jobs, key_factory: KeyFactory
) -> None:
    failed = await failed_job(jobs)
    without = await retry(client, failed, bearer(await key_factory(Scope.JOBS_WRITE)))
    assert (without.status_code, without.json()["code"]) == (403, "SCOPE_MISSING")
    assert "backups:write" in without.json()["detail"]
    with_scope = await retry(client, failed, bearer(await key_factory(Scope.JOBS_WRITE, Scope.BACKUPS_WRITE)))
    assert with_scope.status_code == 202
    missing_key = await client.post(
        path_of(failed, ":retry"), headers=bearer(await key_factory(Scope.JOBS_WRITE, Scope.BACKUPS_WRITE))
    )
    assert missing_key.json()["code"] == "IDEMPOTENCY_KEY_MISSING"


async def test_a_retry_needs_every_scope_that_the_arguments_took(
    client: httpx.AsyncClient, jobs: Jobs, key_factory: KeyFactory
) -> None:
    plain, forced = await failed_job(jobs, Forced()), await failed_job(jobs, Forced(force=True))
    usual = bearer(await key_factory(Scope.JOBS_WRITE, Scope.BACKUPS_WRITE))
    assert (await retry(client, plain, usual, "plain")).status_code == 202
    refused = await retry(client, forced, usual, "forced")
    assert (refused.status_code, refused.json()["code"]) == (403, "SCOPE_MISSING")
    enough = bearer(await key_factory(Scope.JOBS_WRITE, Scope.BACKUPS_WRITE, Scope.RAILWAY_FORCE))
    assert (await retry(client, forced, enough, "again")).status_code == 202


@pytest.mark.parametrize(
    ("forced", "plain"),
    [
        (
            CreateDatabase(database_id=new_id(), railway=RailwayOptions(force=True)),
            CreateDatabase(database_id=new_id(), railway=RailwayOptions()),
        ),
        (
            RestoreSnapshot(
                database_id=new_id(),
                snapshot_id="s",
                safety_backup=False,
                force=True,
                state_before=DatabaseState.AVAILABLE,
            ),
            RestoreSnapshot(
                database_id=new_id(), snapshot_id="s", safety_backup=False, state_before=DatabaseState.AVAILABLE
            ),
        ),
    ],
    ids=["creation", "restore"],
)
def test_what_was_forced_at_railway_is_forced_again_by_whoever_may(forced: JobArgs, plain: JobArgs) -> None:
    assert Scope.RAILWAY_FORCE in forced.scopes()
    assert plain.scopes() == (plain.scope,)
