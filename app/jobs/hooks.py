"""What the domain that owns a kind does when one of its jobs ends or begins outside a worker."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.jobs.contract import JobArgs
from app.jobs.models import Job

Abandoned = Callable[[AsyncSession, Job, Any], Awaitable[None]]
Retried = Callable[[AsyncSession, Job, Any], Awaitable[JobArgs]]


@dataclass(frozen=True, slots=True)
class Hooks:
    """``abandoned``: the job was cancelled before any worker took it, so no compensation will ever run.

    ``retried``: a new job is made from a failed or cancelled one; prepares the resource and gives the new arguments.
    Both run in the transaction that moves the job, and may raise a Problem to refuse.
    """

    abandoned: Abandoned | None = None
    retried: Retried | None = None


_HOOKS: dict[str, Hooks] = {}


def register(args: type[JobArgs], hooks: Hooks) -> None:
    _HOOKS[args.kind] = hooks


def hooks_of(kind: str) -> Hooks:
    return _HOOKS.get(kind, Hooks())
