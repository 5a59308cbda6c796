"""Percent, rate and remaining time: from bytes or from rows, and never a guess."""

import pytest

from app.jobs.progress import Progress
from tests.jobs.harness import at


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock = [100.0]
    monkeypatch.setattr("app.jobs.progress.time.monotonic", lambda: clock[0])
    return clock


NOW = at("2026-11-22T12:00:00")


def begun() -> Progress:
    progress = Progress()
    progress.enter("dump", NOW)
    return progress


def test_percent_and_remaining_time_follow_from_bytes(seconds: list[float]) -> None:
    progress = begun()
    progress.count(bytes_done=0, bytes_total=1000)
    assert (progress.percent, progress.eta_seconds, progress.bytes_per_second) == (0, None, None)
    seconds[0] += 2
    progress.count(bytes_done=400)
    assert (progress.percent, progress.eta_seconds, progress.bytes_per_second) == (40, 3, 200)


def test_rows_serve_where_no_bytes_are_known(seconds: list[float]) -> None:
    progress = begun()
    progress.count(rows_done=10, rows_total=40)
    seconds[0] += 3
    progress.count(rows_done=25)
    assert (progress.percent, progress.eta_seconds, progress.bytes_per_second) == (62.5, 3, None)


def test_a_rate_needs_no_total(seconds: list[float]) -> None:
    progress = begun()
    progress.count(bytes_done=0)
    seconds[0] += 1
    progress.count(bytes_done=500)
    assert (progress.percent, progress.eta_seconds, progress.bytes_per_second) == (None, None, 500)


def test_a_rate_of_rows_is_not_one_of_bytes(seconds: list[float]) -> None:
    progress = begun()
    progress.count(rows_done=1_000_000)
    seconds[0] += 10
    progress.count(bytes_done=10, bytes_total=100)
    seconds[0] += 1
    progress.count(bytes_done=20)
    assert (progress.bytes_per_second, progress.eta_seconds) == (10, 8)


def test_an_estimate_that_was_too_low_does_not_claim_to_be_done() -> None:
    progress = begun()
    progress.count(bytes_done=150, bytes_total=100)
    assert progress.percent == 99.9


def test_without_numbers_there_is_only_what_the_step_says() -> None:
    progress = begun()
    progress.count(detail="waiting for a lock")
    assert (progress.detail, progress.percent) == ("waiting for a lock", None)
    empty = Progress()
    empty.count(detail="nothing began")
    assert empty.detail is None


def test_a_new_step_begins_its_numbers_anew_and_the_same_one_goes_on() -> None:
    progress = begun()
    progress.count(bytes_done=5, bytes_total=10, rows_done=1)
    progress.enter("dump", NOW)
    assert (progress.bytes_done, len(progress.steps)) == (5, 1)
    progress.enter("upload", NOW)
    assert (progress.bytes_done, progress.bytes_total, progress.rows_done, progress.percent) == (None,) * 4
    assert [(step.name, step.finished_at) for step in progress.steps] == [("dump", NOW), ("upload", None)]
    progress.leave(NOW)
    progress.enter("again", NOW)
    assert [step.finished_at for step in progress.steps] == [NOW, NOW, None]
    Progress().leave(NOW)
