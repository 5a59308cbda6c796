"""Workers killed at random moments, and at every step, of backups and restores; others must finish what they began."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.backups.steps.delete import DeleteBackupSteps
from app.backups.steps.take import TakeBackupSteps
from app.jobs.machine import Steps
from app.kit.ids import decode_id
from app.provisioning.steps import CreateDatabaseSteps, DeleteDatabaseSteps
from app.restores.settling import ConfirmRestoreSteps, UndoRestoreSteps
from app.restores.steps import ReplaceDatabaseSteps, RestoreBackupSteps
from tests.e2e.lanes import Act, Lane
from tests.e2e.world import World

Place = tuple[str, str]  # a kind of job, and its step
Tell = Callable[[str], None]

COMPENSATING: Final = "compensate"
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
}
_CANCELLED: Final = ("backup", "restore", "in_place")
_WEIGHTS: Final = {
    "backup": 6,
    "restore": 5,
    "in_place": 4,
    "confirm": 2,
    "undo": 2,
    "delete_backup": 2,
    "new_database": 1,
    "delete_extra": 1,
}
_FIRST: Final = {steps.args.kind: steps.names[0] for steps in _STEPS.values()}
PLACES: Final[dict[Place, str]] = {
    (steps.args.kind, name): action for action, steps in _STEPS.items() for name in steps.names
} | {(_STEPS[action].args.kind, COMPENSATING): action for action in _CANCELLED}

# One job each, so that a kill hits what it is aimed at. Leases that also a busy machine renews in time: where they are lost
# for want of a processor, nothing is tested but patience.
WORKER: Final[dict[str, Any]] = {"concurrency": 1, "lease_seconds": 5.0, "renew_seconds": 1.2}
_AGAIN: Final = 0.1  # of the jobs are hit a second time
_END_SECONDS: Final = 90.0
_POLL_SECONDS: Final = 0.005  # the shortest steps take longer
_IDLE_SECONDS: Final = 0.05
_FIRST_GUESS_SECONDS: Final = 1.5
_LONGER: Final = 1.05
_BETWEEN_LOOKS: Final = 25

_FAMILY = """
SELECT kind, step, ending IS NOT NULL AS is_compensating, state, holder
  FROM job WHERE root_id = $1 AND lease_token IS NOT NULL AND finished_at IS NULL AND holder IS NOT NULL
"""
_LIVE = "SELECT count(*) FROM job WHERE root_id = $1 AND finished_at IS NULL"
_ENDED = "SELECT finished_at IS NOT NULL FROM job WHERE id = $1"


@dataclass
class Tally:
    """What was hit and what came of it."""

    places: Counter[Place] = field(default_factory=lambda: Counter(dict.fromkeys(PLACES, 0)))
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # from a kill to the end of the job
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
    tally: Tally = field(default_factory=Tally)
    _usual: dict[str, float] = field(default_factory=dict)

    async def run(self) -> Tally:
        """Raises AssertionError at the first thing that is not as it should be."""
        await self._staff()
        lanes = [Lane(self.world, number, Random(f"{self.world.seed} {number}")) for number in range(self.lanes)]
        await asyncio.gather(*(lane.open() for lane in lanes))
        while self.tally.kills < self.count:
            goal = min(self.count, self.tally.kills + _BETWEEN_LOOKS)
            async with asyncio.TaskGroup() as tasks:
                for lane in lanes:
                    tasks.create_task(self._work(lane, goal))
            left = await self.world.remains()
            assert left == [], f"after {self.tally.kills} kills there is left: {left}"
        await asyncio.gather(*(lane.close() for lane in lanes))
        await self.world.workers.put_right()
        return self.tally

    async def _staff(self) -> None:
        """One worker more than there are lanes."""
        for index in self.world.workers.alive():
            await self.world.workers.stop(index)
        for _ in range(self.lanes + 1):
            await self.world.workers.start(**WORKER)

    async def _work(self, lane: Lane, goal: int) -> None:
        control = await asyncpg.connect(self.world.control_url)
        try:
            while self.tally.kills < goal:
                place = self._aim(lane)
                wanted = PLACES[place] if place else lane.random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
                action = lane.possible(wanted)
                if action != wanted:
                    place = None
                await self._hit(lane, await lane.begin(action), place, control)
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
        root = decode_id("job", act.job["id"])
        began = time.monotonic()
        cancels = place is not None and place[1] == COMPENSATING
        blow = _Blow(self.world, control, root, lane.random, self._usual.get(act.name, _FIRST_GUESS_SECONDS))
        if cancels:
            await blow.wait_for_a_moment()
            await self.world.client.post(f"/v1/jobs/{act.job['id']}:cancel")
        hit = await blow.strike(place)
        if hit and not cancels and lane.random.random() < _AGAIN:
            hit += await blow.strike(None)
        job = await self.world.ended(act.job, _END_SECONDS)
        ended = time.monotonic()
        await blow.family_ended()
        outcome = job["state"]
        said = f"{lane.name}: {act.name} {act.job['id']}, killed in {hit}, ended {outcome}: {job['error']}"
        if outcome == "failed":
            # Its worker was lost as often as it may be: the machine was too busy to renew the leases of the others.
            assert (job["error"]["code"], job["error"]["retryable"]) == ("WORKER_LOST", True), said
        else:
            assert outcome == "succeeded" or (cancels and outcome == "cancelled"), said
        await (act.succeeded() if outcome == "succeeded" else act.undone())
        await lane.quiet()
        self.tally.outcomes[act.name, outcome] += 1
        usual = self._usual.get(act.name, _FIRST_GUESS_SECONDS)
        if not hit:
            self.tally.unhurt += 1
            self._usual[act.name] = (usual + ended - began) / 2
            return
        self._usual[act.name] = usual * _LONGER  # or the last steps would never be reached by chance
        self.tally.places.update(hit)
        self.tally.seconds.append(ended - blow.struck)
        where = ", ".join(" ".join(one) for one in hit)
        self.tell(f"{self.tally.kills:4d}  {where:<32} {act.name} {outcome} {self.tally.seconds[-1]:.1f} s later")


@dataclass
class _Blow:
    """Kills the worker of one job, or of its child."""

    world: World
    control: "asyncpg.Connection[asyncpg.Record]"
    root: UUID
    random: Random
    usual_seconds: float
    struck: float = 0.0  # when, by the monotonic clock

    async def wait_for_a_moment(self) -> None:
        """Any within the usual duration, but not after the end."""
        ends = time.monotonic() + self.random.uniform(0, self.usual_seconds)
        while time.monotonic() < ends and not await self._has_ended():
            await asyncio.sleep(_IDLE_SECONDS)

    async def strike(self, place: Place | None) -> list[Place]:
        """At ``place``, or at any moment. What was being done there; nothing when the job was faster."""
        if place is None:
            await self.wait_for_a_moment()
        # The compensation itself, or what is running when the wish to cancel arrives.
        at_the_wish = place is not None and place[1] == COMPENSATING and self.random.random() < 0.5
        while not await self._has_ended():
            for row in await self.control.fetch(_FAMILY, self.root):
                if place is None or place == _place(row) or (at_the_wish and row["state"] == "cancelling"):
                    if place is not None:
                        await asyncio.sleep(self.random.choice((0, 0, 0.01, 0.05)))
                    return await self._kill(row["holder"])
            await asyncio.sleep(_POLL_SECONDS)
        return []

    async def family_ended(self) -> None:
        """Children of a job that was cancelled may still be cleaning up."""
        async with asyncio.timeout(_END_SECONDS):
            while await self.control.fetchval(_LIVE, self.root):
                await asyncio.sleep(_IDLE_SECONDS)

    async def _kill(self, holder: str) -> list[Place]:
        workers = self.world.workers
        index = workers.index_of(holder)
        if index not in workers.alive():
            return []
        await workers.kill(index)
        self.struck = time.monotonic()
        await workers.start(**WORKER)
        rows = await self.control.fetch(_FAMILY, self.root)
        return [_place(row) for row in rows if row["holder"] == holder]

    async def _has_ended(self) -> bool:
        return bool(await self.control.fetchval(_ENDED, self.root))


def _place(row: Any) -> Place:
    # A job that was taken and has moved nowhere yet is in its first step.
    return row["kind"], COMPENSATING if row["is_compensating"] else row["step"] or _FIRST.get(row["kind"], "")
