"""What every kind of job of every domain must have."""

import pytest

from app.auth.scopes import Scope
from app.jobs.conflicts import ConflictClass
from app.jobs.contract import KINDS, JobArgs
from app.jobs.hooks import _HOOKS
from app.jobs.worker import WorkerOptions
from app.runtime import Runtime
from app.worker import programmes
from tests.jobs.harness import HOST

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
    # A deletion waits for its location as long as that is away; everything else has failed after a week.
    longest = 30 if args.kind == "backup.delete_copy" else 7
    assert 0 < args.deadline_seconds <= longest * 86_400
    assert 0 <= args.priority <= 1000


def test_a_kind_without_a_conflict_class_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="conflict"):

        class Careless(JobArgs, kind="test.careless", scope="x"):
            pass


def test_hooks_belong_to_kinds_that_exist() -> None:
    assert set(_HOOKS) <= set(KINDS)


def test_the_defaults_keep_the_promises() -> None:
    """Cancelled within 5 seconds, a crash seen within 60, and leases that outlive two renewals that fail."""
    options = WorkerOptions(host_id=HOST)
    assert options.wishes_seconds < 5
    assert options.lease_seconds + options.reap_seconds <= 60
    assert options.renew_seconds * 3 < options.lease_seconds
    assert options.progress_seconds >= 1
