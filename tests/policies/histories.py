"""Random lives of a policy's backups, judged by the very functions that the service uses; only the rows are not in tables.

`python -m tests.policies.histories --count 10000 --seed 1` runs many of them. After each act it is looked whether something
that must stay is gone; the first history that breaks a promise is told with its seed, by which it is lived again.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from app.locations.holdings import Backup, BackupCopy, BackupState, CopyState, Origin
from app.locations.manifest import DumpOptions
from app.policies.enforcing import Survey, look_at
from app.policies.guards import expired
from app.policies.passes import Pass, Rules
from app.policies.retention import Generations, most_at_once

ZONES = tuple(map(ZoneInfo, ("UTC", "Europe/Berlin", "Pacific/Apia", "America/St_Johns", "Asia/Kathmandu")))
OPTIONS = tuple(options.model_dump(mode="json") for options in (DumpOptions(), DumpOptions(schema_only=True)))
START = datetime(2025, 1, 1, 2, tzinfo=UTC)
ACTS = 60


@dataclass(eq=False)
class LightBackup:
    """A row of the table backup, without what makes rows of tables slow to make."""

    id: UUID
    set_id: UUID
    logical_database: str
    origin: Origin
    options: dict[str, Any]
    created_at: datetime
    state: BackupState = BackupState.AVAILABLE
    expires_at: datetime | None = None
    verified_at: datetime | None = None
    pinned_at: datetime | None = None
    pinned_until: datetime | None = None
    pin_reason: str | None = None

    def is_pinned(self, now: datetime) -> bool:
        return Backup.is_pinned(cast("Backup", self), now)


@dataclass(eq=False)
class LightCopy:
    backup_id: UUID
    location_id: UUID
    state: CopyState
    retained_until: datetime | None = None
    is_blocked: bool = False


class Violated(AssertionError):
    """Something was deleted, or doomed, that must stay."""


@dataclass
class History:
    """One database with its locations, from its first backup on. ``clock`` is the control database's, right or wrong."""

    random: Random
    clock: datetime = START
    holdings: list[tuple[Backup, list[BackupCopy]]] = field(default_factory=list)
    uses: dict[UUID, list[str]] = field(default_factory=dict)
    last_sets: dict[int, UUID] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.locations = [self._id() for _ in range(self.random.choice((1, 2, 3)))]
        self.sorts = [("shop", 0), ("shop", 1)] if self.random.random() < 0.3 else [("shop", 0)]
        self.zone, self.generations = ZONES[0], Generations()
        self.previewed: tuple[str, set[tuple[UUID, UUID]]] | None = None

    def live(self) -> None:
        """Backups come most of the time, since without any there is nothing to lose."""
        acts: tuple[tuple[Callable[[], None], int], ...] = (
            (self.take_some, 30),
            (self.fail_for_long, 3),
            (self.set_clock, 3),
            (self.change_rules, 4),
            (self.pass_over, 20),
            (self.pass_and_die, 3),
            (self.pass_twice, 4),
            (self.release, 5),
            (self.delete_doomed, 12),
            (self.rot, 4),
            (self.verify, 8),
            (self.pin, 4),
            (self.use, 4),
            (self.lock, 3),
            (self.take_by_hand, 4),
            (self.expire, 6),
            (self.delete_by_hand, 2),
        )
        for act in self.random.choices([act for act, _ in acts], [weight for _, weight in acts], k=ACTS):
            act()
            self.seen[act.__name__] += 1

    def take_some(self) -> None:
        for _ in range(self.random.randint(1, 12)):
            self.clock += timedelta(
                hours=self.random.choice((1, 6, 24, 24, 24, 30)), minutes=self.random.randint(0, 59)
            )
            self._take(self.random.choice(self.sorts), Origin.SCHEDULED)

    def fail_for_long(self) -> None:
        self.clock += timedelta(days=self.random.randint(1, 120))

    def set_clock(self) -> None:
        """By a mistake, back or forward; or to what is right, which nobody here knows."""
        self.clock += timedelta(days=self.random.choice((-800, -40, -1, 1, 40, 800)), seconds=self.random.randint(0, 9))

    def change_rules(self) -> None:
        self.zone = self.random.choice(ZONES)
        counts = [self.random.choice((0, 1, 2, 4, 7, 12)) for _ in range(3)]
        self.generations = Generations(*counts) if any(counts) else Generations()

    def pass_over(self) -> None:
        self._enforce(*self._judged())

    def pass_and_die(self) -> None:
        """Before it commits: nothing is left of it."""
        self._judged()

    def pass_twice(self) -> None:
        """By two workers, or by one that died after it had committed: nothing more is deleted."""
        self._enforce(*self._judged())
        again, result = self._judged()
        if result.doomed:
            raise Violated("a second pass at once deletes more than the first one said")
        self._enforce(again, result)

    def release(self) -> None:
        """With the token of a preview, fresh or of another time."""
        survey, result = self._judged()
        fresh = self.random.random() < 0.6
        if fresh and result.token is not None:
            self.previewed = (result.token, set(result.blocked))
        if self.previewed is None:
            return
        token, shown = self.previewed
        survey, released = self._judged(released_by=token)
        bounded = set(result.doomed)
        if not set(released.doomed) <= bounded | shown:
            raise Violated("more was released than the preview had shown")
        if released.token is None and result.blocked:
            self.seen["released"] += 1
        self._enforce(survey, released, bounded=released.token is not None or not result.blocked)

    def delete_doomed(self) -> None:
        """The second phase: it may fail, or meet a lock that nobody knew of."""
        for _, copies in self.holdings:
            for copy in copies:
                if copy.state == CopyState.DELETING:
                    fate = self.random.random()
                    copy.state = (
                        CopyState.DELETED if fate < 0.7 else CopyState.RETAINED if fate < 0.8 else CopyState.DELETING
                    )
        self._forget()

    def rot(self) -> None:
        if copy := self._any_copy():
            copy.state = CopyState.CORRUPT

    def verify(self) -> None:
        if self.holdings:
            backup, _ = self.random.choice(self.holdings[-5:])
            backup.verified_at = self.clock if self.random.random() < 0.85 else None

    def pin(self) -> None:
        if self.holdings:
            backup, _ = self.random.choice(self.holdings)
            backup.pinned_at = None if backup.pinned_at else self.clock
            backup.pinned_until = self.random.choice((None, self.clock + timedelta(days=20)))
            backup.pin_reason = "an audit"

    def use(self) -> None:
        if self.holdings:
            backup, _ = self.random.choice(self.holdings)
            self.uses[backup.id] = [] if self.uses[backup.id] else ["a restore reads it"]

    def lock(self) -> None:
        if copy := self._any_copy():
            copy.retained_until = self.clock + timedelta(days=self.random.randint(1, 60))

    def take_by_hand(self) -> None:
        origin = self.random.choice((Origin.MANUAL, Origin.SAFETY, Origin.FINAL, Origin.IMPORTED))
        backup = self._take(self.sorts[0], origin)
        backup.expires_at = self.clock + timedelta(days=self.random.randint(0, 30))

    def expire(self) -> None:
        last = {self._newest(verified=verified, scheduled=False) for verified in (False, True)}
        due = expired(self.holdings, self.uses, self.clock)
        good = sum(backup.state in (BackupState.AVAILABLE, BackupState.PARTIAL) for backup, _ in self.holdings)
        if len(due) > most_at_once(good):
            raise Violated("more than a fifth expires at once")
        for backup in due:
            if backup.id in last or self._is_held(backup) or backup.expires_at is None:
                raise Violated("a backup expires that must stay")
            backup.state = BackupState.DELETED
        self.seen["expired"] += len(due)
        self._forget()

    def delete_by_hand(self) -> None:
        if copy := self._any_copy():
            copy.state = CopyState.DELETED
        self._forget()

    def _take(self, sort: tuple[str, int], origin: Origin) -> Backup:
        scheduled = origin is Origin.SCHEDULED
        backup = cast(
            "Backup",
            LightBackup(self._id(), self._id(), sort[0], origin, OPTIONS[sort[1]], self.clock),
        )
        fates = [self.random.random() < 0.93 for _ in self.locations]
        if not any(fates):
            return backup  # it failed as a whole: there is no good one of it
        copies = [
            cast("BackupCopy", LightCopy(backup.id, place, CopyState.AVAILABLE if good else CopyState.FAILED))
            for place, good in zip(self.locations, fates, strict=True)
        ]
        self.holdings.append((backup, copies))
        self.uses[backup.id] = []
        if scheduled:
            self.last_sets[sort[1]] = backup.set_id
        self.seen["taken"] += 1
        return backup

    def _judged(self, *, released_by: str | None = None) -> tuple[Survey, Pass]:
        scheduled = [found for found in self.holdings if found[0].origin == Origin.SCHEDULED]
        survey = look_at(scheduled, self.uses, self.clock)
        rules = Rules(self.generations, self.zone, list(self.last_sets.values()))
        return survey, survey.judge(rules, released_by=released_by)

    def _enforce(self, survey: Survey, result: Pass, *, bounded: bool = True) -> None:
        before = {place: copy.state for place, copy in survey.rows.items()}
        self._check(survey, result, bounded=bounded)
        for place in result.doomed:
            survey.rows[place].state = CopyState.DELETING
        doomed, blocked = set(result.doomed), set(result.blocked)
        for place, copy in survey.rows.items():
            copy.is_blocked = place in blocked
            if place not in doomed and copy.state != before[place]:
                raise Violated("a copy was touched that no verdict names")
        self.seen["doomed"] += len(doomed)
        self.seen["blocked"] += len(blocked)

    def _check(self, survey: Survey, result: Pass, *, bounded: bool) -> None:
        doomed = set(result.doomed)
        for sort, verdict in result.verdicts.items():
            here = [survey.backups[copy.backup_id] for copy in survey.copies if copy.sort == sort]
            gone = {backup_id for location_id, backup_id in doomed if location_id == sort.location_id}
            left = [backup for backup in here if backup.id not in gone]
            if not left:
                raise Violated("a location is emptied")
            if bounded and len(verdict.doomed) > most_at_once(len(here)):
                raise Violated("more than a fifth goes at once")
            dated = [backup for backup in here if backup.created_at <= self.clock]
            for backup in here:
                if backup.id not in gone:
                    continue
                if backup is _newest(dated) or backup is _newest([one for one in dated if one.verified_at]):
                    raise Violated("the newest good or verified copy goes")
                if backup.set_id in self.last_sets.values():
                    raise Violated("the backup that succeeded last goes")
                locked = survey.rows[sort.location_id, backup.id].retained_until
                if self._is_held(backup) or backup.created_at > self.clock or (locked and locked > self.clock):
                    raise Violated("a copy goes that something holds")

    def _newest(self, *, verified: bool, scheduled: bool) -> UUID | None:
        """Of the database's good backups, as people would say it."""
        good = [
            backup
            for backup, copies in self.holdings
            if any(copy.state == CopyState.AVAILABLE for copy in copies)
            and backup.created_at <= self.clock
            and (backup.verified_at is not None or not verified)
        ]
        newest = _newest(good)
        return newest.id if newest else None

    def _is_held(self, backup: Backup) -> bool:
        return bool(self.uses[backup.id]) or backup.is_pinned(self.clock)

    def _any_copy(self) -> BackupCopy | None:
        good = [copy for _, copies in self.holdings for copy in copies if copy.state == CopyState.AVAILABLE]
        return self.random.choice(good) if good else None

    def _forget(self) -> None:
        """A backup without any copy is deleted."""
        self.holdings = [
            (backup, copies)
            for backup, copies in self.holdings
            if backup.state != BackupState.DELETED and any(copy.state != CopyState.DELETED for copy in copies)
        ]

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)


def _newest(backups: list[Backup]) -> Backup | None:
    return max(backups, key=lambda one: (one.created_at, one.id), default=None)


def live(seed: int) -> Counter[str]:
    """One history. Raises Violated."""
    history = History(Random(seed))
    try:
        history.live()
    except Violated as violated:
        violated.add_note(f"seed {seed}, after {sum(history.seen.values())} acts, at {history.clock.isoformat()}")
        raise
    return history.seen


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/soak retention")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    told = parser.parse_args(arguments)
    first = Random().randrange(1 << 31) if told.seed is None else told.seed
    say(f"seed {first}, {told.count} histories of {ACTS} acts")
    began, seen, violations = time.monotonic(), Counter[str](), 0
    for number in range(told.count):
        try:
            seen += live(first + number)
        except Violated as violated:
            violations += 1
            say(f"VIOLATED: {violated} ({'; '.join(violated.__notes__)})")
    seconds = round(time.monotonic() - began, 1)
    say(", ".join(f"{count:,} {what}" for what, count in sorted(seen.items())))
    say(f"{violations} violations in {told.count:,} histories, {seconds} s")
    if told.json:
        result = {"seed": first, "histories": told.count, "violations": violations, "seconds": seconds, "seen": seen}
        say(json.dumps(result))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
