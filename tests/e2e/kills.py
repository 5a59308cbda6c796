"""Jobs about backups hit at random moments, and at every step of theirs; what they began must be finished or undone.

After each blow: no good backup that stock programs do not decode, no session, lock or temporary database, and what the
guards protect is there. From time to time, once all is quiet: no process, upload, object or scratch server is left.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import asyncpg

from app.backups.steps.copying import CopyBackupSteps
from app.backups.steps.delete import DeleteBackupSteps, DeleteCopySteps
from app.backups.steps.take import TakeBackupSteps
from app.jobs.machine import Steps
from app.kit.ids import decode_id
from app.policies.steps import RetainBackupsSteps, RunScheduleSteps
from app.provisioning.steps import CreateDatabaseSteps, DeleteDatabaseSteps
from app.restores.settling import ConfirmRestoreSteps, UndoRestoreSteps
from app.restores.steps import ReplaceDatabaseSteps, RestoreBackupSteps
from app.verifications.steps import VerifyBackupSteps
from tests.e2e.backup_acts import MORE, BackupActs
from tests.e2e.blows import COMPENSATING, WEAPONS, WORKER, Blow, Place, Troubles, Weapon
from tests.e2e.lanes import Act, Lane
from tests.e2e.stock_files import decode_copies
from tests.e2e.world import World

Tell = Callable[[str], None]

# By the action of a lane whose job, or whose job's child, it is.
_STEPS: Final[dict[str, type[Steps[Any, Any]]]] = {
    "backup": TakeBackupSteps,
    "restore": RestoreBackupSteps,
    "in_place": ReplaceDatabaseSteps,
    "confirm": ConfirmRestoreSteps,
    "undo": UndoRestoreSteps,
    "delete_backup": DeleteBackupSteps,
    "new_database": CreateDatabaseSteps,
    "delete_extra": DeleteDatabaseSteps,
    "copy": CopyBackupSteps,
    "delete_copy": DeleteCopySteps,
    "verify": VerifyBackupSteps,
    "scheduled": RunScheduleSteps,
    "retain": RetainBackupsSteps,
}
_CANCELLED: Final = ("backup", "restore", "in_place", "copy", "verify")
_WEIGHTS: Final = {
    "backup": 6,
    "restore": 5,
    "in_place": 4,
    "confirm": 2,
    "undo": 2,
    "delete_backup": 2,
    "new_database": 1,
    "delete_extra": 1,
    "copy": 4,
    "delete_copy": 2,
    "verify": 4,
    "scheduled": 3,
    "retain": 2,
}
_FIRST: Final = {steps.args.kind: steps.names[0] for steps in _STEPS.values()}
_AT_RAILWAY: Final = ("leave", "deploy", "publish")  # steps that there are for its servers only
PLACES: Final[dict[Place, str]] = {
    (steps.args.kind, name): action
    for action, steps in _STEPS.items()
    for name in steps.names
    if name not in _AT_RAILWAY and (action, name) != ("new_database", "settle")
} | {(_STEPS[action].args.kind, COMPENSATING): action for action in _CANCELLED}

_AGAIN: Final = 0.1  # of the jobs are hit a second time
_CANCELS: Final = 0.1  # are only cancelled, which is timed
_END_SECONDS: Final = 90.0
_FIRST_GUESS_SECONDS: Final = 1.5
_LONGER: Final = 1.05
_BETWEEN_LOOKS: Final = 25


@dataclass
class Tally:
    """What was hit and what came of it."""

    weapons: Counter[Weapon] = field(default_factory=Counter)
    places: Counter[Place] = field(default_factory=lambda: Counter(dict.fromkeys(PLACES, 0)))
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # from a blow to the end of the job
    cancel_seconds: list[float] = field(default_factory=list)  # from the wish to the end of the job and its children
    requeue_seconds: list[float] = field(
        default_factory=list
    )  # from a worker's death to when its job is no longer its own
    copies: int = 0  # that were fetched and decoded as soon as their backup was made
    unhurt: int = 0  # jobs that were faster than the blow

    @property
    def kills(self) -> int:
        return sum(self.places.values())

    def missed(self) -> list[Place]:
        """Steps of backups and restores; some of a database's own making last but a moment."""
        return [place for place, count in self.places.items() if not count and not place[0].startswith("database.")]


@dataclass
class Kills:
    world: World
    count: int
    tell: Tell
    lanes: int = 3
    weapons: Mapping[Weapon, int] = field(default_factory=lambda: WEAPONS)
    tally: Tally = field(default_factory=Tally)
    _usual: dict[str, float] = field(default_factory=dict)
    _troubles: Troubles = field(default_factory=Troubles)

    async def run(self) -> Tally:
        """Raises AssertionError at the first thing that is not as it should be."""
        await self._staff()
        lanes = [Lane(self.world, number, Random(f"{self.world.seed} {number}")) for number in range(self.lanes)]
        await asyncio.gather(*(lane.open() for lane in lanes))
        acts = [BackupActs(lane) for lane in lanes]
        while self.tally.kills < self.count:
            goal = min(self.count, self.tally.kills + _BETWEEN_LOOKS)
            async with asyncio.TaskGroup() as tasks:
                for lane, more in zip(lanes, acts, strict=True):
                    tasks.create_task(self._work(lane, more, goal))
            left = await self.world.remains()
            assert left == [], f"after {self.tally.kills} kills there is left: {left}"
        await asyncio.gather(*(lane.close() for lane in lanes))
        await self.world.workers.put_right()
        return self.tally

    async def _staff(self) -> None:
        """Two for each lane, since copies are jobs of their own, and one that is free to take over."""
        for index in self.world.workers.alive():
            await self.world.workers.stop(index)
        for _ in range(2 * self.lanes + 1):
            await self.world.workers.start(**WORKER)

    async def _work(self, lane: Lane, acts: BackupActs, goal: int) -> None:
        control = await asyncpg.connect(self.world.control_url)
        try:
            while self.tally.kills < goal:
                place = self._aim(lane)
                wanted = PLACES[place] if place else lane.random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
                action = acts.possible(wanted) if wanted in MORE else wanted
                action = action if action in MORE else lane.possible(action)
                act = await (acts.begin(action) if action in MORE else lane.begin(action))
                await self._hit(lane, act, place if act.name == wanted else None, control)
                await acts.guarded()
        finally:
            await control.close()

    def _aim(self, lane: Lane) -> Place | None:
        """Half of the kills go to what was hit least, the others to any moment."""
        if lane.random.random() < 0.5:
            return None
        fewest = min(self.tally.places.values())
        return lane.random.choice([place for place, count in self.tally.places.items() if count == fewest])

    async def _hit(
        self, lane: Lane, act: Act, place: Place | None, control: "asyncpg.Connection[asyncpg.Record]"
    ) -> None:
        assert lane.target is not None
        began = time.monotonic()
        blow = Blow(
            self.world,
            control,
            decode_id("job", act.job["id"]),
            lane.random,
            lane.target,
            lane.database,
            self._usual.get(act.name, _FIRST_GUESS_SECONDS),
            self._troubles,
            _FIRST,
        )
        cancels = place is not None and place[1] == COMPENSATING
        only_cancelled = place is None and act.name in _CANCELLED and lane.random.random() < _CANCELS
        weapons: list[Weapon] = []
        hit: list[Place] = []
        wished = 0.0
        if cancels or only_cancelled:
            await blow.wait_for_a_moment()
            wished = time.monotonic()
            await self.world.client.post(f"/v1/jobs/{act.job['id']}:cancel")
        if not only_cancelled:
            weapons.append(Weapon.WORKER if place else self._weapon(lane))
            hit = await blow.strike(place, weapons[0])
            if hit and not cancels and lane.random.random() < _AGAIN:
                weapons.append(Weapon.WORKER)
                hit += await blow.strike(None)
        job = await self.world.ended(act.job, _END_SECONDS)
        ended = time.monotonic()
        await blow.family_ended()
        if only_cancelled and job["state"] == "cancelled":
            self.tally.cancel_seconds.append(time.monotonic() - wished)
        with_what = ", ".join(weapons) or "a wish to cancel"
        said = f"{lane.name}: {act.name} {act.job['id']}, hit in {hit} by {with_what}, ended {job['state']}: {job['error']}"
        self._judge(job, said, cancelled=cancels or only_cancelled, weapons=weapons, span=(began, ended))
        await lane.answers()
        await self._look(lane, act, job["state"])
        self._note(act, job["state"], blow, hit, weapons, seconds=(ended - began, ended - blow.struck))

    def _weapon(self, lane: Lane) -> Weapon:
        return lane.random.choices(list(self.weapons), list(self.weapons.values()))[0]

    def _judge(
        self, job: dict[str, Any], said: str, *, cancelled: bool, weapons: list[Weapon], span: tuple[float, float]
    ) -> None:
        """It may fail where what it needs was hit too often for its attempts, and then says that it is worth a retry."""
        if job["state"] != "failed":
            assert job["state"] == "succeeded" or (cancelled and job["state"] == "cancelled"), said
            return
        assert job["error"]["retryable"], said
        excused = self._troubles.touched(*span) or any(weapon is not Weapon.WORKER for weapon in weapons)
        # Its worker was lost as often as it may be: the machine was too busy to renew the leases of the others.
        assert excused or job["error"]["code"] == "WORKER_LOST", said

    async def _look(self, lane: Lane, act: Act, outcome: str) -> None:
        async with self._troubles.one_at_a_time:  # whoever looks needs the store
            await (act.succeeded() if outcome == "succeeded" else act.undone())
            await lane.quiet()
            for backup in lane.new_backups():
                self.tally.copies += await decode_copies(self.world, backup)

    def _note(
        self,
        act: Act,
        outcome: str,
        blow: Blow,
        hit: list[Place],
        weapons: list[Weapon],
        *,
        seconds: tuple[float, float],
    ) -> None:
        whole, since_the_blow = seconds
        self.tally.outcomes[act.name, outcome] += 1
        usual = self._usual.get(act.name, _FIRST_GUESS_SECONDS)
        if not hit:
            self.tally.unhurt += bool(weapons)
            self._usual[act.name] = (usual + whole) / 2
            return
        self._usual[act.name] = usual * _LONGER  # or the last steps would never be reached by chance
        self.tally.weapons.update(weapons)
        self.tally.places.update(hit)
        self.tally.seconds.append(since_the_blow)
        if blow.requeue_seconds is not None:
            self.tally.requeue_seconds.append(blow.requeue_seconds)
        where = ", ".join(" ".join(one) for one in hit)
        self.tell(
            f"{self.tally.kills:4d}  {where:<32} {weapons[0]:<48} {act.name} {outcome} {since_the_blow:.1f} s later"
        )
