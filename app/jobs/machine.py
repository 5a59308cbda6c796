"""Long flows as steps: each short, each safe to run twice, each ending in a move.

A claim runs steps until one of them says stay, wait or done. The memo is written, fenced by the lease, after each.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from app.jobs.contract import JobArgs
from app.jobs.run import Run
from app.jobs.states import JobState

ArgsT = TypeVar("ArgsT", bound=JobArgs)
MemoT = TypeVar("MemoT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Go:
    step: str


@dataclass(frozen=True, slots=True)
class Stay:
    """The same step again after a while; the attempt is refunded, since nothing failed."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Like stay, but shown as waiting, and woken early when a child ends."""

    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Done:
    result: dict[str, Any]


Move = Go | Stay | Wait | Done

Step = Callable[..., Awaitable[Move]]


def go(step: Step) -> Go:
    return Go(step.__name__)


def stay(seconds: float) -> Stay:
    return Stay(seconds)


def wait(reason: str, *, seconds: float = 5.0) -> Wait:
    return Wait(reason, seconds)


def done(**result: Any) -> Done:
    """The end. ``result`` is shown to callers as it is."""
    return Done(result)


def step(method: Step) -> Step:
    """Marks a method ``async def name(self, run) -> Move`` as a step; the first one in the class is the first to run.

    Those of its bases come after its own.
    """
    method.is_step = True  # type: ignore[attr-defined]  # functions carry attributes, Callable does not say so
    return method


class Steps(Generic[ArgsT, MemoT]):
    """The programme of one kind of job. A subclass names its argument and memo types and holds what it works with."""

    args: ClassVar[type[JobArgs]]
    memo: ClassVar[type[BaseModel]]
    names: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        members = (item for kind in cls.__mro__ for item in vars(kind).items())
        cls.names = tuple(dict.fromkeys(name for name, member in members if getattr(member, "is_step", False)))

    async def compensate(self, run: Run[ArgsT, MemoT], outcome: JobState) -> None:
        """Removes what the steps left behind, before the job ends as failed or cancelled. May run twice."""


class NoMemo(BaseModel):
    """For flows that remember nothing."""


class Programmes:
    """Which steps run which kind, as this process knows them."""

    def __init__(self, *programmes: Steps[Any, Any]) -> None:
        self._by_kind = {programme.args.kind: programme for programme in programmes}

    @property
    def kinds(self) -> list[str]:
        return sorted(self._by_kind)

    def of(self, kind: str) -> Steps[Any, Any]:
        return self._by_kind[kind]
