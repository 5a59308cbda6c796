"""What hits a job: its worker, a client program, its sessions, its server, its connections to the store, or the store."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.errors import Problem
from app.kit.ids import encode_id
from app.postgres.connect import Target
from app.postgres.postmaster import Postmaster
from tests.e2e.faults.server_side import children
from tests.e2e.world import World
from tests.sessions import connect

Place = tuple[str, str]  # a kind of job, and its step

COMPENSATING: Final = "compensate"
# One job each, so that a kill hits what it is aimed at. Leases that also a busy machine renews in time: where they are lost
# for want of a processor, nothing is tested but patience.
WORKER: Final[dict[str, Any]] = {"concurrency": 1, "lease_seconds": 5.0, "renew_seconds": 1.2}
_POLL_SECONDS: Final = 0.005  # the shortest steps take longer
_IDLE_SECONDS: Final = 0.05
_END_SECONDS: Final = 90.0
_PROGRAMS: Final = ("pg_dump", "pg_restore", "psql", "pg_dumpall")

_FAMILY = """
SELECT id, kind, step, ending IS NOT NULL AS is_compensating, state, holder
  FROM job WHERE root_id = $1 AND lease_token IS NOT NULL AND finished_at IS NULL AND holder IS NOT NULL
"""
_LIVE = "SELECT count(*) FROM job WHERE root_id = $1 AND finished_at IS NULL"
_ENDED = "SELECT finished_at IS NOT NULL FROM job WHERE id = $1"
_STILL_HELD = "SELECT count(*) FROM job WHERE id = ANY($1) AND holder = $2 AND lease_token IS NOT NULL"
_TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE application_name = ANY($1) AND pid <> pg_backend_pid()
"""

Family = list["asyncpg.Record"]


class Weapon(StrEnum):
    WORKER = "the worker, killed"
    PROGRAM = "pg_dump or pg_restore, killed"
    SESSIONS = "the job's sessions on its server, closed"
    SERVER = "the managed server, killed"
    NETWORK = "all connections to the first location, closed"
    STORE = "the object store, killed"


# How often each is taken. A store takes a while to start again, so it is seldom hit.
WEAPONS: Final[Mapping[Weapon, int]] = {
    Weapon.WORKER: 10,
    Weapon.PROGRAM: 8,
    Weapon.SESSIONS: 4,
    Weapon.SERVER: 4,
    Weapon.NETWORK: 5,
    Weapon.STORE: 1,
}


@dataclass
class Troubles:
    """When what all lanes share was in trouble, by the monotonic clock: a job of that time may fail as worth a retry."""

    spans: list[tuple[float, float]] = field(default_factory=list)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def during(self, work: Awaitable[None]) -> None:
        began = time.monotonic()
        span = len(self.spans)
        self.spans.append((began, float("inf")))
        try:
            async with self.one_at_a_time:
                await work
        finally:
            self.spans[span] = (began, time.monotonic())

    def touched(self, began: float, ended: float) -> bool:
        return any(start <= ended and began <= stop for start, stop in self.spans)


@dataclass
class Blow:
    """Hits one job, or a child of it."""

    world: World
    control: "asyncpg.Connection[asyncpg.Record]"
    root: UUID
    random: Random
    target: Target  # of the server that the job works on
    database: str
    usual_seconds: float
    troubles: Troubles
    first_steps: Mapping[str, str]  # by the kind of the job: one that was taken and has moved nowhere yet has none
    struck: float = 0.0  # when, by the monotonic clock
    requeue_seconds: float | None = None  # from the death of a worker to the moment at which its job is another's

    async def wait_for_a_moment(self) -> None:
        """Any within the usual duration, but not after the end."""
        ends = time.monotonic() + self.random.uniform(0, self.usual_seconds)
        while time.monotonic() < ends and not await self.has_ended():
            await asyncio.sleep(_IDLE_SECONDS)

    async def strike(self, place: Place | None, weapon: Weapon = Weapon.WORKER) -> list[Place]:
        """At ``place``, or at any moment. What was being done there; nothing when the job was faster."""
        if place is None:
            await self.wait_for_a_moment()
        hit: dict[Weapon, Callable[[Family], Awaitable[bool]]] = {
            Weapon.WORKER: self._worker,
            Weapon.PROGRAM: self._program,
            Weapon.SESSIONS: self._sessions,
            Weapon.SERVER: self._server,
            Weapon.NETWORK: self._network,
            Weapon.STORE: self._store,
        }
        # The compensation itself, or what is running when the wish to cancel arrives.
        at_the_wish = place is not None and place[1] == COMPENSATING and self.random.random() < 0.5
        while not await self.has_ended():
            family = await self.control.fetch(_FAMILY, self.root)
            wanted = [
                row
                for row in family
                if place is None or place == self._place(row) or (at_the_wish and row["state"] == "cancelling")
            ]
            if wanted:
                if place is not None:
                    await asyncio.sleep(self.random.choice((0, 0, 0.01, 0.05)))
                if await hit[weapon](wanted):
                    return [self._place(row) for row in wanted]
            await asyncio.sleep(_POLL_SECONDS)
        return []

    async def family_ended(self) -> None:
        """Children of a job that was cancelled may still be cleaning up."""
        async with asyncio.timeout(_END_SECONDS):
            while await self.control.fetchval(_LIVE, self.root):
                await asyncio.sleep(_IDLE_SECONDS)

    async def has_ended(self) -> bool:
        return bool(await self.control.fetchval(_ENDED, self.root))

    # Each tells whether it found what it hits.

    async def _worker(self, family: Family) -> bool:
        workers = self.world.workers
        holder = family[0]["holder"]
        index = workers.index_of(holder)
        if index not in workers.alive():
            return False
        await workers.kill(index)
        self.struck = time.monotonic()
        await workers.start(**WORKER)
        ids = [row["id"] for row in family if row["holder"] == holder]
        async with asyncio.timeout(_END_SECONDS):
            while await self.control.fetchval(_STILL_HELD, ids, holder):
                await asyncio.sleep(_IDLE_SECONDS)
        self.requeue_seconds = time.monotonic() - self.struck
        return True

    async def _program(self, family: Family) -> bool:
        found = [
            pid
            for row in family
            for program in _PROGRAMS
            for pid in children(program, {"id": encode_id("job", row["id"])})
        ]
        if not found:
            return False
        try:
            os.kill(self.random.choice(found), signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.struck = time.monotonic()
        return True

    async def _sessions(self, family: Family) -> bool:
        names = [f"pgmanager {encode_id('job', row['id'])}" for row in family]
        try:
            async with connect(self.target.with_database("postgres"), application_name="blow") as session:
                ended = await session.fetchval(_TERMINATE, names)
        except Problem:  # an earlier blow has hit the server
            return False
        self.struck = time.monotonic()
        return bool(ended)

    async def _server(self, _: Family) -> bool:
        data = self.world.settings.data_dir.absolute() / "clusters" / self.database / "data"
        postmaster = Postmaster.of(data)
        if postmaster is None or not postmaster.is_alive():
            return False
        os.kill(postmaster.pid, signal.SIGKILL)
        self.struck = time.monotonic()
        return True

    async def _network(self, _: Family) -> bool:
        self.struck = time.monotonic()
        if not await self.world.proxy.cut():
            return False
        self.troubles.spans.append((self.struck, time.monotonic()))
        return True

    async def _store(self, _: Family) -> bool:
        self.struck = time.monotonic()
        await self.troubles.during(self.world.store.kill())
        return True

    def _place(self, row: "asyncpg.Record") -> Place:
        step = row["step"] or self.first_steps.get(row["kind"], "")
        return row["kind"], COMPENSATING if row["is_compensating"] else step
