"""Which copies of a policy's scheduled backups stay in one location, why, and which may go now. Pure: no clock, no I/O.

Generations are exclusive: a copy that is kept as a daily one does not count as a weekly one, so that 7, 4 and 12 of them
reach back a year. Each period is represented by its newest copy, weeks are those of ISO 8601, and both are told in the
policy's time zone. Nothing is judged by its age: where backups fail for months, those that there are stay.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

# More than this share at once is a mistake in the policy until somebody has said that it is none.
SHARE_PER_PASS: Final = 0.2


class Tier(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Generations:
    daily: int = 7
    weekly: int = 4
    monthly: int = 12


@dataclass(frozen=True, slots=True)
class Held:
    """A good copy. ``holds`` are reasons of others not to delete it: a pin, a restore that reads it, a legal lock.

    ``is_blocked``: an earlier pass would have deleted it and was stopped by the bound. It stays so until it is released,
    or else a wrong policy would empty the location a fifth at a time. ``is_misdated``: by its time it is not taken yet, so
    a clock was wrong. It stays, and represents nothing: neither a generation nor the newest.
    """

    id: UUID
    taken_at: datetime
    is_verified: bool = False
    holds: tuple[str, ...] = ()
    is_blocked: bool = False
    is_misdated: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    id: UUID
    tier: Tier | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``doomed`` may go now, ``blocked`` only once somebody has released them by ``token``; both oldest first."""

    kept: tuple[Kept, ...]
    doomed: tuple[UUID, ...]
    blocked: tuple[UUID, ...] = ()
    token: str | None = None


def judge(
    copies: Iterable[Held], generations: Generations, zone: ZoneInfo, *, released_by: str | None = None
) -> Verdict:
    """``released_by`` is the token of an earlier verdict, which is good for exactly the copies that that one had blocked.

    The newest copy and the newest that was verified stay whatever the generations say.
    """
    newest_first = sorted(copies, key=lambda copy: (copy.taken_at, copy.id), reverse=True)
    dated = [copy for copy in newest_first if not copy.is_misdated]
    tiers = _tiers(dated, generations, zone)
    reasons: dict[UUID, list[str]] = {copy.id: list(copy.holds) for copy in newest_first}
    for identity, (_, reason) in tiers.items():
        reasons[identity].insert(0, reason)
    if dated:
        reasons[dated[0].id].append("the newest")
    if verified := next((copy for copy in dated if copy.is_verified), None):
        reasons[verified.id].append("the newest that was verified")
    for copy in newest_first:
        if copy.is_misdated:
            reasons[copy.id].append("its time lies in the future")
    kept = tuple(
        Kept(copy.id, tiers[copy.id][0] if copy.id in tiers else None, tuple(reasons[copy.id]))
        for copy in newest_first
        if reasons[copy.id]
    )
    superfluous = [copy for copy in reversed(newest_first) if not reasons[copy.id]]
    bound = most_at_once(len(newest_first))
    doomed = [copy.id for copy in superfluous if not copy.is_blocked][:bound]
    blocked = [copy.id for copy in superfluous if copy.id not in doomed]
    if not blocked:
        return Verdict(kept, tuple(doomed))
    token = _token(blocked)
    if released_by == token:
        return Verdict(kept, tuple(copy.id for copy in superfluous))
    return Verdict(kept, tuple(doomed), tuple(blocked), token)


def most_at_once(count: int) -> int:
    """How many of so many may be deleted in one pass."""
    return max(1, math.floor(count * SHARE_PER_PASS))


def _tiers(newest_first: Sequence[Held], generations: Generations, zone: ZoneInfo) -> dict[UUID, tuple[Tier, str]]:
    found: dict[UUID, tuple[Tier, str]] = {}
    rules: tuple[tuple[Tier, int, Callable[[datetime], str]], ...] = (
        (Tier.DAILY, generations.daily, lambda moment: f"{moment:%Y-%m-%d}"),
        (Tier.WEEKLY, generations.weekly, lambda moment: f"{moment:%G-W%V}"),
        (Tier.MONTHLY, generations.monthly, lambda moment: f"{moment:%Y-%m}"),
    )
    for tier, count, period_of in rules:
        taken, seen = 0, set()
        for copy in newest_first:
            period = period_of(copy.taken_at.astimezone(zone))
            if taken == count:
                break
            if period in seen:
                continue
            seen.add(period)
            if copy.id not in found:
                taken += 1
                found[copy.id] = tier, f"{tier} {taken} of {count}, the last of {period}"
    return found


def _token(ids: Sequence[UUID]) -> str:
    return hashlib.sha256(b"".join(identity.bytes for identity in sorted(ids))).hexdigest()[:32]
