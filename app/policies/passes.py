"""One pass of a policy over all its copies: each sort of backup in each location is judged by itself. Pure.

A sort is what can stand in for another: the same logical database, dumped with the same options. A dump of the schema alone
must not represent the day on which everything was dumped too.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.policies.retention import Generations, Held, Kept, Verdict, judge


@dataclass(frozen=True, slots=True)
class Sort:
    location_id: UUID
    logical_database: str
    options: str


@dataclass(frozen=True, slots=True)
class Copy:
    """An available copy of a scheduled backup. ``holds`` are reasons of others to keep it."""

    backup_id: UUID
    sort: Sort
    taken_at: datetime
    set_id: UUID
    is_verified: bool = False
    is_blocked: bool = False
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """``last_sets``: the backups that succeeded last, one set a schedule. They are told by events and not by a clock."""

    generations: Generations
    zone: ZoneInfo
    last_sets: Collection[UUID] = ()


@dataclass(frozen=True, slots=True)
class Pass:
    """What becomes of every copy, by sort. ``token`` releases all that is blocked, of whatever sort."""

    verdicts: Mapping[Sort, Verdict]
    token: str | None

    @property
    def kept(self) -> list[tuple[UUID, Kept]]:
        """Each with its location."""
        return [(sort.location_id, kept) for sort, verdict in self.verdicts.items() for kept in verdict.kept]

    @property
    def doomed(self) -> list[tuple[UUID, UUID]]:
        """Location and backup."""
        return [(sort.location_id, one) for sort, verdict in self.verdicts.items() for one in verdict.doomed]

    @property
    def blocked(self) -> list[tuple[UUID, UUID]]:
        return [(sort.location_id, one) for sort, verdict in self.verdicts.items() for one in verdict.blocked]


def sort_out(copies: Iterable[Copy], rules: Rules, now: datetime, *, released_by: str | None = None) -> Pass:
    """``released_by`` is good for exactly the copies that the pass of that token had blocked, and for nothing otherwise."""
    sorts: dict[Sort, list[Held]] = defaultdict(list)
    for copy in copies:
        sorts[copy.sort].append(_held(copy, rules, now))
    judged = {sort: judge(held, rules.generations, rules.zone) for sort, held in sorts.items()}
    token = _token(judged)
    if token is not None and token == released_by:
        judged = {
            sort: judge(held, rules.generations, rules.zone, released_by=judged[sort].token)
            for sort, held in sorts.items()
        }
        token = None
    return Pass(judged, token)


def _held(copy: Copy, rules: Rules, now: datetime) -> Held:
    holds = copy.holds
    if copy.set_id in rules.last_sets:
        holds = (*holds, "of the last backup that succeeded")
    return Held(
        copy.backup_id,
        copy.taken_at,
        is_verified=copy.is_verified,
        holds=holds,
        is_blocked=copy.is_blocked,
        is_misdated=copy.taken_at > now,
    )


def _token(judged: Mapping[Sort, Verdict]) -> str | None:
    tokens = sorted(
        f"{sort.location_id}:{verdict.token}" for sort, verdict in judged.items() if verdict.token is not None
    )
    return hashlib.sha256("\n".join(tokens).encode()).hexdigest()[:32] if tokens else None
