"""Announcing an alert: one signed request, tried again on the schedule of Standard Webhooks until it is accepted."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import structlog

from app import __version__
from app.errors import Problem
from app.events.errors import AnnouncementRefused, AnnouncementUndelivered, WebhookGone
from app.events.repository import AlertRepository
from app.events.schemas import AnnounceAlert
from app.http import AddressGuard, post_guarded
from app.jobs.events import as_json
from app.jobs.machine import Move, NoMemo, Steps, done, step, wait
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.kit.signatures import parse_secrets, signed_headers
from app.runtime import Runtime

log = structlog.get_logger()

TIMEOUT_SECONDS: Final = 15.0
# The wait after each failed attempt; after the last one there is none.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
LEAST_WAIT_SECONDS: Final = 5.0

AnnounceRun = Run[AnnounceAlert, NoMemo]


@dataclass(frozen=True)
class AnnounceAlertSteps(Steps[AnnounceAlert, NoMemo]):
    runtime: Runtime

    args = AnnounceAlert
    memo = NoMemo

    @step
    async def deliver(self, run: AnnounceRun) -> Move:
        """An incident's end is not told before its beginning was, or was given up."""
        if not self.runtime.settings.alerts.webhook_url.get_secret_value():
            return done(delivered=False, reason="PGM_ALERTS__WEBHOOK_URL is not set")
        if (seconds := await self._seconds_to_wait(run)) is not None:
            return wait("the announcement that the alert fired", seconds=seconds)
        pause = _pause_after(run.job.attempt)
        try:
            status = await self._post(run)
        except Problem as problem:
            raise AnnouncementUndelivered(problem, retry_after=pause) from problem
        if status == HTTPStatus.GONE:
            raise WebhookGone
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise AnnouncementRefused(status, retry_after=pause)
        return done(delivered=True, status=status, message_id=run.args.message_id())

    async def compensate(self, run: AnnounceRun, outcome: JobState) -> None:
        log.error("alert.not_announced", alert_id=encode_id("alr", run.args.alert_id), outcome=outcome.value)

    async def _seconds_to_wait(self, run: AnnounceRun) -> float | None:
        before = run.args.predecessor()
        if before is None:
            return None
        async with run.reading() as session:
            at = await AlertRepository(session).live_announcement(before.message_id())
        return None if at is None else max(LEAST_WAIT_SECONDS, (at - self.runtime.clock()).total_seconds())

    async def _post(self, run: AnnounceRun) -> int:
        settings = self.runtime.settings.alerts
        body = (as_json(run.args.message) or "").encode()
        keys = parse_secrets(settings.webhook_secrets.get_secret_value())
        signed = signed_headers(run.args.message_id(), self.runtime.clock(), body, keys)
        return await post_guarded(
            settings.webhook_url.get_secret_value(),
            body,
            headers={
                "content-type": "application/json",
                "user-agent": f"railway-postgres-manager/{__version__}",
                **signed,
            },
            guard=AddressGuard(allow_private=settings.allow_private),
            timeout_seconds=TIMEOUT_SECONDS,
        )


def _pause_after(attempt: int) -> int:
    """In seconds."""
    return int(PAUSES[min(attempt, len(PAUSES)) - 1].total_seconds())
