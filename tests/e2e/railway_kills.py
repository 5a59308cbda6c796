"""Workers killed in everything that changes Railway: at every step, and before and after requests of any kind."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import asyncpg

from app.changes.steps.resize import ResizeSteps
from app.jobs.machine import Steps
from app.kit.ids import decode_id
from app.provisioning.steps.creation import CreateDatabaseSteps
from app.provisioning.steps.deletion import DeleteDatabaseSteps
from app.snapshots.steps.restoring import RestoreSnapshotSteps
from app.snapshots.steps.taking import TakeSnapshotSteps
from tests.e2e.railway_acts import ACTS, Act, Life
from tests.e2e.railway_world import RailwayWorld

Place = tuple[str, str]  # an act, and the step of its job

PROGRAMMES: Final[dict[str, type[Steps[Any, Any]]]] = {
    "create": CreateDatabaseSteps,
    "snapshot": TakeSnapshotSteps,
    "restore": RestoreSnapshotSteps,
    "resize": ResizeSteps,
    "delete": DeleteDatabaseSteps,
}
# How a local server is made; what touches no server; and, where no backup is asked for, two steps of a millisecond.
_ELSEWHERE: Final = {("create", "create"), ("delete", "forget"), ("delete", "back_up"), ("restore", "back_up")}

WORKER: Final[dict[str, Any]] = {"concurrency": 1}
_END_SECONDS: Final = 120.0
# A step of some milliseconds is not hit at once. One that so many lives have not met is not met at all.
_MOST_LIVES: Final = 60
_POLL_SECONDS: Final = 0.003

_JOB = "SELECT step, finished_at IS NOT NULL AS ended, holder FROM job WHERE id = $1"
_OPEN_INTENTS = "SELECT operation FROM railway_intent WHERE closed_at IS NULL"


@dataclass
class Tally:
    places: Counter[Place]
    requests: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # from a kill to the end of the job
    unhurt: int = 0

    @property
    def kills(self) -> int:
        return sum(self.places.values())

    def missed(self) -> list[Place]:
        return [place for place, count in self.places.items() if not count]


class RailwayKills:
    def __init__(self, world: RailwayWorld, count: int, tell: Callable[[str], None]) -> None:
        self._world, self._count, self._tell = world, count, tell
        places = {(act, step) for act in ACTS for step in PROGRAMMES[act].names} - _ELSEWHERE
        self.tally = Tally(Counter(dict.fromkeys(sorted(places), 0)))
        # What an act asked of Railway, as often as it was seen.
        self._asked: dict[str, Counter[str]] = defaultdict(Counter)

    async def run(self, *, every_step: bool) -> Tally:
        """At least ``count`` kills, and with ``every_step`` as many more as it takes, within reason. Raises AssertionError."""
        await self._world.workers.start(**WORKER)
        life = Life(self._world, Random(self._world.seed))
        control = await asyncpg.connect(self._world.control_url)
        lives, most = 0, self._count + _MOST_LIVES
        try:
            while self.tally.kills < self._count or (every_step and self.tally.missed()):
                assert lives < most, f"after {lives} lives {self.tally.kills} kills, and none in {self.tally.missed()}"
                for name in ACTS:
                    await self._hit(await life.begin(name), control)
                lives += 1
        finally:
            await control.close()
        return self.tally

    async def _hit(self, act: Act, control: "asyncpg.Connection[asyncpg.Record]") -> None:
        asked = await self._requests()
        step = self._aim(act.name)
        blow = _Blow(self._world, control, act)
        try:
            async with asyncio.timeout(_END_SECONDS):
                hit = await (blow.at_request(*self._request(act.name)) if step is None else blow.at_step(step))
        except TimeoutError:
            waited = (
                f"{act.name} {act.job['id']} neither ended nor came to {step or 'the request'} in {_END_SECONDS:.0f} s"
            )
            raise AssertionError(waited) from None
        job = await self._world.ended(act.job, _END_SECONDS)
        said = f"{act.name} {act.job['id']}, killed in {hit or 'nothing'}, {job['state']}: {job['error']}"
        assert job["state"] == "succeeded", said
        try:
            await act.judge(job)
            left = await control.fetch(_OPEN_INTENTS)
            assert not left, f"an intent is still open: {left}"
        except AssertionError as error:
            error.add_note(said)
            raise
        self._asked[act.name] |= await self._requests() - asked
        if hit is None:
            self.tally.unhurt += 1
            return
        self.tally.places[act.name, hit] += 1
        self.tally.requests[blow.request or "(any moment)"] += 1
        self.tally.seconds.append(time.monotonic() - blow.struck)
        self._tell(
            f"{self.tally.kills:4d}  {act.name:<9} {hit:<16} {blow.request or '':<44} {self.tally.seconds[-1]:.1f} s later"
        )

    def _aim(self, act: str) -> str | None:
        """A step that was not hit yet; once all were, or by chance while there is time, any request instead."""
        missed = [step for (name, step), count in self.tally.places.items() if name == act and not count]
        by_chance = self.tally.kills < self._count and self._world.random.random() < 0.4
        if self._asked[act] and (not missed or by_chance):
            return None
        return self._world.random.choice(missed or PROGRAMMES[act].names)

    def _request(self, act: str) -> tuple[str, str, int]:
        operation = self._world.random.choice(sorted(self._asked[act]))
        skip = self._world.random.randrange(min(3, self._asked[act][operation]))
        return operation, self._world.random.choice(("before", "after")), skip

    async def _requests(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        for of_token in (await self._world.railway.state())["requests"].values():
            counted.update(of_token)
        return counted


@dataclass
class _Blow:
    """Kills the worker that holds the job; another one is there at once. Says in which step, None if the job was faster."""

    world: RailwayWorld
    control: "asyncpg.Connection[asyncpg.Record]"
    act: Act
    struck: float = 0.0
    request: str | None = None

    async def at_step(self, step: str) -> str | None:
        while not (row := await self._job())["ended"]:
            if row["holder"] and self._step_of(row) == step:
                await asyncio.sleep(self.world.random.choice((0, 0, 0.02, 0.1)))
                return await self._kill()
            await asyncio.sleep(_POLL_SECONDS)
        return None

    async def at_request(self, operation: str, when: str, skip: int) -> str | None:
        """What was asked is carried out all the same, as a platform does that has received it."""
        pause = await self.world.railway.pause(operation, when, skip)
        try:
            while not (await self._job())["ended"]:
                if await pause.reached(0.2):
                    self.request = f"{when} {operation}" + (f" number {skip + 1}" if skip else "")
                    return await self._kill()
        finally:
            await pause.release()
        return None

    async def _kill(self) -> str | None:
        row = await self._job()
        workers = self.world.workers
        if row["ended"] or not row["holder"]:
            return None
        await workers.kill(workers.index_of(row["holder"]))
        self.struck = time.monotonic()
        await workers.start(**WORKER)
        return self._step_of(row)

    def _step_of(self, row: Any) -> str:
        """A job that was taken and has moved nowhere yet is in its first step."""
        return str(row["step"] or PROGRAMMES[self.act.name].names[0])

    async def _job(self) -> Any:
        return await self.control.fetchrow(_JOB, decode_id("job", self.act.job["id"]))
