"""A seeded part of the soak, and proof that it would see what it looks for."""

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from app.policies import enforcing, passes
from app.policies.passes import Copy, Rules
from app.policies.retention import Held, judge
from tests.policies.histories import Violated, live

SEED = int(os.environ.get("PGM_TEST_SEED", "1"))


def test_no_history_loses_what_must_stay() -> None:
    seen: Counter[str] = Counter()
    for number in range(60):
        seen += live(SEED + number)
    for act in ("doomed", "blocked", "released", "pass_twice", "set_clock", "change_rules"):
        assert seen[act], act


def forgetful(copy: Copy, rules: Rules, now: object) -> Held:
    return Held(copy.backup_id, copy.taken_at, is_verified=copy.is_verified, is_blocked=copy.is_blocked)


def test_a_judge_that_forgets_the_holds_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "_held", forgetful)
    with pytest.raises(Violated):
        for number in range(300):
            live(number)


def test_a_pass_that_knows_no_bound_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def unbounded(held: Sequence[Held], *rules: Any, released_by: str | None = None) -> object:
        token = judge(held, *rules).token
        return judge(held, *rules, released_by=token)

    monkeypatch.setattr(passes, "judge", unbounded)
    with pytest.raises(Violated, match="a fifth"):
        for number in range(300):
            live(number)


def test_one_that_takes_every_lock_for_open_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enforcing, "locks_of", lambda copy, now: ())
    with pytest.raises(Violated, match="holds"):
        for number in range(300):
            live(number)
