"""Alerts announced to a real receiver, and judged there by the official verifier."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import select
from standardwebhooks import Webhook

from app.events.steps import PAUSES, _pause_after
from app.jobs.models import Job
from app.kit.clock import utc_now
from app.runtime import Runtime
from app.settings import AlertSettings
from tests.events.conftest import SECRETS
from tests.events.test_alerts import cleared, opened
from tests.receiver import Receiver

pytestmark = pytest.mark.usefixtures("worker")


async def job_when(runtime: Runtime, ready: Callable[[Job], bool], announcement: str = "alert.fired") -> Job:
    async with asyncio.timeout(30):
        while True:
            async with runtime.sessions() as session:
                jobs = (await session.exec(select(Job).where(Job.kind == "alerts.announce"))).all()
            for job in jobs:
                if job.args["announcement"] == announcement and ready(job):
                    return job
            await asyncio.sleep(0.05)


async def ended(runtime: Runtime, announcement: str = "alert.fired") -> Job:
    return await job_when(runtime, lambda job: job.finished_at is not None, announcement)


async def test_beginning_and_end_arrive_once_each_and_verify_with_both_secrets(
    runtime: Runtime, hook: Receiver
) -> None:
    for _ in range(3):
        await opened(runtime, "db_1", code="X")
    await ended(runtime)
    await cleared(runtime, "db_1")
    job = await ended(runtime, "alert.resolved")
    assert job.result is not None
    assert (job.state, job.result["status"]) == ("succeeded", 200)

    fired, resolved = hook.requests
    for request, kind, state in ((fired, "alert.fired", "open"), (resolved, "alert.resolved", "cleared")):
        assert request.line == "POST /token HTTP/1.1"
        assert request.headers["content-type"] == "application/json"
        for secret in SECRETS:
            message = Webhook(secret).verify(request.body, request.headers)
            assert message.keys() == {"type", "timestamp", "data"}
            assert (message["type"], message["data"]["state"]) == (kind, state)
            assert datetime.fromisoformat(message["timestamp"]).tzinfo is not None
        assert len(request.body) < 20_000
    assert fired.json()["data"]["id"] == resolved.json()["data"]["id"]
    assert fired.headers["webhook-id"] == f"{fired.json()['data']['id']}_fired"
    assert resolved.headers["webhook-id"] == f"{fired.json()['data']['id']}_resolved"


@pytest.mark.usefixtures("impatient")
async def test_what_is_not_accepted_is_sent_again_under_the_same_id(runtime: Runtime, hook: Receiver) -> None:
    hook.answers = ["503 Busy", "302 Found\r\nLocation: /elsewhere", "404 Not Found", "204 No Content"]
    await opened(runtime, "db_1")
    job = await ended(runtime)
    assert (job.state, job.attempt) == ("succeeded", 4)
    assert len(hook.requests) == 4
    assert len({request.headers["webhook-id"] for request in hook.requests}) == 1
    assert len({request.body for request in hook.requests}) == 1
    for request in hook.requests:
        assert Webhook(SECRETS[0]).verify(request.body, request.headers)


async def test_attempts_follow_the_schedule_of_the_standard(runtime: Runtime, hook: Receiver) -> None:
    hook.answers = ["500 Oops"]
    await opened(runtime, "db_1")
    job = await job_when(runtime, lambda job: job.state == "queued" and job.attempt == 1)
    assert job.last_error is not None
    assert (job.last_error["code"], job.last_error["retry_after"]) == ("WEBHOOK_REFUSED", 5)
    assert job.run_after is not None
    assert timedelta(0) < job.run_after - utc_now() <= timedelta(seconds=5)
    assert [_pause_after(attempt) for attempt in range(1, 10)] == [
        5,
        300,
        1800,
        7200,
        18000,
        36000,
        50400,
        72000,
        86400,
    ]
    assert sum(PAUSES, timedelta()) < timedelta(days=3.5)


@pytest.mark.usefixtures("impatient")
async def test_after_ten_attempts_it_is_given_up(runtime: Runtime, hook: Receiver) -> None:
    hook.answers = ["500 Oops"]
    await opened(runtime, "db_1")
    job = await ended(runtime)
    assert job.error is not None
    assert (job.state, job.error["code"], len(hook.requests)) == ("failed", "WEBHOOK_REFUSED", 10)
    assert "/token" not in str(job.error)


async def test_gone_means_gone(runtime: Runtime, hook: Receiver) -> None:
    hook.answers = ["410 Gone"]
    await opened(runtime, "db_1")
    job = await ended(runtime)
    assert job.error is not None
    assert (job.state, job.error["code"], len(hook.requests)) == ("failed", "WEBHOOK_GONE", 1)


@pytest.mark.usefixtures("impatient")
async def test_the_end_is_not_told_before_the_beginning(runtime: Runtime, hook: Receiver) -> None:
    hook.answers = ["500 Oops"] * 5 + ["200 OK"]
    await opened(runtime, "db_1")
    await cleared(runtime, "db_1")
    await ended(runtime, "alert.resolved")
    assert [request.json()["type"] for request in hook.requests] == ["alert.fired"] * 6 + ["alert.resolved"]


class TestWithoutWebhook:
    @pytest.fixture
    def alerts(self) -> AlertSettings:
        return AlertSettings()

    async def test_an_alert_is_a_row_only(self, runtime: Runtime, hook: Receiver) -> None:
        await opened(runtime, "db_1")
        job = await ended(runtime)
        assert (job.state, job.result) == (
            "succeeded",
            {"delivered": False, "reason": "PGM_ALERTS__WEBHOOK_URL is not set"},
        )
        assert hook.connections == 0


class TestBehindTheGuard:
    @pytest.fixture
    def alerts(self, hook: Receiver) -> AlertSettings:
        """As if the name had been public when the service started."""
        known = {
            "webhook_secrets": SECRETS[0],
            "allow_private": True,
            "webhook_url": f"https://localhost:{hook.port}/token",
        }
        return AlertSettings.model_validate(known).model_copy(update={"allow_private": False})

    async def test_a_webhook_in_this_network_is_not_called(self, runtime: Runtime, hook: Receiver) -> None:
        await opened(runtime, "db_1")
        job = await job_when(runtime, lambda job: job.last_error is not None)
        assert job.last_error is not None
        assert job.last_error["code"] == "WEBHOOK_UNREACHABLE"
        assert "private" in job.last_error["detail"]
        assert "/token" not in str(job.last_error)
        assert hook.connections == 0
