"""What every kind of job of every domain must have."""

import pytest

from app.auth.scopes import Scope
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import KINDS, JobArgs
from app.jobs.hooks import _HOOKS
from app.runtime import Runtime
from app.worker import programmes

SERVICE = {name: kind for name, kind in KINDS.items() if not name.startswith("test.")}


def test_there_are_kinds_to_look_at() -> None:
    assert len(SERVICE) >= 5


def test_every_kind_has_a_programme(runtime: Runtime) -> None:
    assert set(programmes(runtime).kinds) == set(SERVICE)


def test_every_programme_has_steps_and_fits_its_kind(runtime: Runtime) -> None:
    known = programmes(runtime)
    for kind in known.kinds:
        steps = known.of(kind)
        assert steps.args is SERVICE[kind]
        assert steps.names, kind
        assert not {"compensate"} & set(steps.names), kind
        steps.memo()  # a job begins without one


@pytest.mark.parametrize("kind", SERVICE)
def test_every_kind_declares_its_conflicts_its_scope_and_its_bounds(kind: str) -> None:
    args = SERVICE[kind]
    assert args.conflict is None or isinstance(args.conflict, ConflictClass)
    assert args.scope in set(Scope)
    assert 1 <= args.attempts <= 10
    assert 0 < args.deadline_seconds <= 7 * 86_400
    assert 0 <= args.priority <= 1000


def test_a_kind_without_a_conflict_class_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="conflict"):

        class Careless(JobArgs, kind="test.careless", scope="x"):  # type: ignore[call-arg]  # the point
            pass


def test_hooks_belong_to_kinds_that_exist() -> None:
    assert set(_HOOKS) <= set(KINDS)
