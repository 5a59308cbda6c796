"""Invariants 2 and 7, and the rest of the machine's impossible states: the database itself refuses them."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import insert

from app.jobs.models import Job
from app.jobs.states import FINAL, LIVE, JobState
from app.kit.ids import new_id
from tests.jobs.harness import Jobs, at, job_values

NOW = at("2026-11-22T12:00:00")
LEASE: dict[str, Any] = {"lease_token": new_id(), "lease_ends": NOW, "holder": "w", "attempt": 1}
ERROR: dict[str, Any] = {"error": {"code": "X"}}


async def insert_job(jobs: Jobs, **changes: Any) -> None:
    async with jobs.sessions() as session, session.begin():
        await session.exec(insert(Job).values(**job_values(**changes)))


POSSIBLE: dict[str, dict[str, Any]] = {
    "queued": {"state": "queued"},
    "waiting": {"state": "waiting", "waiting_for": "a child"},
    "running": {"state": "running", **LEASE},
    "cancelling and leased": {"state": "cancelling", **LEASE},
    "cancelling and parked": {"state": "cancelling"},
    "succeeded": {"state": "succeeded", "finished_at": NOW},
    "failed": {"state": "failed", "finished_at": NOW, **ERROR},
    "cancelled": {"state": "cancelled", "finished_at": NOW},
    "running in its last attempt": {"state": "running", **LEASE, "attempt": 3},
    "failed after its last attempt": {"state": "failed", "finished_at": NOW, "attempt": 3, **ERROR},
}

IMPOSSIBLE: dict[str, tuple[str, dict[str, Any]]] = {
    "a state that does not exist": ("ck_job_state", {"state": "paused"}),
    "running without a lease": ("ck_job_lease", {"state": "running"}),
    "queued with a lease": ("ck_job_lease", {"state": "queued", **LEASE}),
    "waiting with a lease": ("ck_job_lease", {"state": "waiting", "waiting_for": "x", **LEASE}),
    "succeeded with a lease": ("ck_job_lease", {"state": "succeeded", "finished_at": NOW, **LEASE}),
    "a token without an end": ("ck_job_lease_whole", {"state": "running", "lease_token": new_id()}),
    "an end without a token": ("ck_job_lease_whole", {"state": "queued", "lease_ends": NOW}),
    "succeeded without a time": ("ck_job_finished", {"state": "succeeded"}),
    "queued with a finished time": ("ck_job_finished", {"state": "queued", "finished_at": NOW}),
    "cancelling with a finished time": ("ck_job_finished", {"state": "cancelling", "finished_at": NOW}),
    "waiting for nothing": ("ck_job_waiting", {"state": "waiting"}),
    "queued and waiting for something": ("ck_job_waiting", {"state": "queued", "waiting_for": "x"}),
    "failed without an error": ("ck_job_error", {"state": "failed", "finished_at": NOW}),
    "more attempts than allowed": ("ck_job_attempt", {"state": "running", **LEASE, "attempt": 4}),
    "a negative attempt": ("ck_job_attempt", {"attempt": -1}),
    "claimable with no attempt left": ("ck_job_attempt_left", {"attempt": 3}),
    "a priority out of range": ("ck_job_priority", {"priority": 1001}),
    "a kind without a name": ("ck_job_kind", {"kind": ""}),
}


async def test_the_database_takes_every_possible_state(jobs: Jobs, subtests: pytest.Subtests) -> None:
    for case, values in POSSIBLE.items():
        with subtests.test(case):
            await insert_job(jobs, **values)
    assert [job.state for job in await jobs.all()] == [values["state"] for values in POSSIBLE.values()]


def test_every_state_is_among_the_possible_ones() -> None:
    assert {values["state"] for values in POSSIBLE.values()} == set(JobState)
    assert set(JobState) == LIVE | FINAL
    assert not LIVE & FINAL


async def test_the_database_refuses_every_impossible_state(jobs: Jobs, subtests: pytest.Subtests) -> None:
    for case, (constraint, values) in IMPOSSIBLE.items():
        with subtests.test(case), pytest.raises(IntegrityError, match=rf'"{constraint}"'):
            await insert_job(jobs, **values)


async def test_one_live_row_per_dedupe_key(jobs: Jobs, subtests: pytest.Subtests) -> None:
    for state in JobState:
        with subtests.test(state.value):
            values = next(values for values in POSSIBLE.values() if values["state"] == state)
            await insert_job(jobs, dedupe_key=state, **values)
            if state in FINAL:
                await insert_job(jobs, dedupe_key=state)
            else:
                with pytest.raises(IntegrityError, match="uq_job_live_dedupe_key"):
                    await insert_job(jobs, dedupe_key=state)
