"""What keeps a backup from being deleted by itself, whatever a policy or its own day to expire says. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.locations.holdings import Backup, BackupCopy, BackupState, CopyState
from app.policies.retention import most_at_once

Holdings = Sequence[tuple[Backup, Sequence[BackupCopy]]]
Uses = Mapping[UUID, Sequence[str]]

_GOOD: Final = frozenset({BackupState.AVAILABLE, BackupState.PARTIAL})
_IN_THE_MAKING: Final = frozenset({CopyState.PENDING, CopyState.COPYING})


def holds_of(backup: Backup, copies: Iterable[BackupCopy], uses: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Reasons that hold every copy of it."""
    holds = list(uses)
    if backup.is_pinned(now):
        until = f"until {backup.pinned_until:%Y-%m-%d %H:%M} UTC" if backup.pinned_until else "until it is unpinned"
        holds.append(f"pinned {until}: {backup.pin_reason}")
    if any(copy.state in _IN_THE_MAKING for copy in copies):
        holds.append("a copy of it is being made")
    return tuple(holds)


def locks_of(copy: BackupCopy, now: datetime) -> tuple[str, ...]:
    """Of one copy: the store would refuse to delete it."""
    if copy.retained_until is not None and copy.retained_until > now:
        return (f"locked in its location until {copy.retained_until:%Y-%m-%d %H:%M} UTC",)
    return ()


def last_ones(holdings: Holdings, now: datetime) -> set[UUID]:
    """Of each logical database the newest backup that has a good copy, and the newest such one that was verified.

    Those of the future, by a clock that was wrong, are neither: they stay beside.
    """
    found: dict[tuple[str, bool], UUID] = {}
    misdated = set()
    good = [
        backup
        for backup, copies in holdings
        if backup.state in _GOOD and any(copy.state == CopyState.AVAILABLE for copy in copies)
    ]
    for backup in sorted(good, key=lambda one: (one.created_at, one.id), reverse=True):
        if backup.created_at > now:
            misdated.add(backup.id)
            continue
        found.setdefault((backup.logical_database, False), backup.id)
        if backup.verified_at is not None:
            found.setdefault((backup.logical_database, True), backup.id)
    return {*found.values(), *misdated}


def expired(holdings: Holdings, uses: Uses, now: datetime) -> list[Backup]:
    """Of all backups of one database those whose day has come and that nothing holds, the oldest first.

    Of good ones no more than a fifth at once: a clock that is wrong for a day must not take all of them along.
    """
    needed = last_ones(holdings, now)
    due = [
        backup
        for backup, copies in sorted(holdings, key=lambda found: (found[0].created_at, found[0].id))
        if backup.expires_at is not None
        and backup.expires_at <= now
        and backup.id not in needed
        and not holds_of(backup, copies, uses[backup.id], now)
        and not any(locks_of(copy, now) for copy in copies)
    ]
    good = [backup for backup in due if backup.state in _GOOD]
    bound = most_at_once(sum(backup.state in _GOOD for backup, _ in holdings))
    return [backup for backup in due if backup not in good[bound:]]
