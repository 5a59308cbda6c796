"""A managed server of its own on which one action follows another, each with what must have come of it.

What a database holds is told by a fingerprint that this module computes by itself, taken when a backup begins and
compared wherever that backup is restored.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from app.errors import Problem
from app.postgres.connect import Target
from tests.e2e.auditor import server_remains
from tests.e2e.world import World
from tests.sessions import connect

NAME: Final = "railway"  # the default logical database of a server of ours
_QUIET_SECONDS: Final = 60.0
_ANSWER_SECONDS: Final = 45.0
_COPY_SECONDS: Final = 60.0
_MOST_RETRIES: Final = 3
# Its archive takes two parts of an upload; besides a bit of everything that has a place of its own in an archive.
_SCHEMA: Final = """
CREATE SCHEMA store;
CREATE TABLE store.big (id int PRIMARY KEY, noise bytea NOT NULL);
INSERT INTO store.big
SELECT n, (SELECT decode(string_agg(md5(random()::text), ''), 'hex') FROM generate_series(1, 32 + n - n) AS m)
  FROM generate_series(1, 12000) AS n;
CREATE TABLE store.item (id bigserial PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now());
CREATE TABLE store.line (item bigint REFERENCES store.item, amount numeric(12, 2));
CREATE TABLE store.empty (n int);
CREATE TABLE store.day (day date, what text) PARTITION BY RANGE (day);
CREATE TABLE store.day_old PARTITION OF store.day FOR VALUES FROM ('2020-01-01') TO ('2025-01-01');
CREATE TABLE store.day_new PARTITION OF store.day FOR VALUES FROM ('2025-01-01') TO ('2030-01-01');
INSERT INTO store.item (name) SELECT 'item ' || n FROM generate_series(1, 2000) AS n;
INSERT INTO store.line SELECT 1 + n % 2000, n / 7.0 FROM generate_series(1, 5000) AS n;
INSERT INTO store.day SELECT '2023-06-01'::date + n, 'd' FROM generate_series(1, 900) AS n;
CREATE INDEX line_item ON store.line (item);
CREATE MATERIALIZED VIEW store.totals AS SELECT item, sum(amount) FROM store.line GROUP BY 1;
SELECT lo_from_bytea(0, 'a large object');
"""
_TABLES: Final = ("big", "item", "line", "empty", "day_old", "day_new", "totals")
_FINGERPRINT: Final = " UNION ALL ".join(
    f"SELECT '{table} ' || count(*) || ' ' || coalesce(sum(hashtext(t::text)::bigint), 0) FROM store.{table} AS t"
    for table in _TABLES
)

After = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Act:
    """A job that was begun; ``succeeded`` asserts what it should have done, ``undone`` that it left nothing."""

    name: str
    job: dict[str, Any]
    succeeded: After
    undone: After


@dataclass
class Lane:
    world: World
    number: int
    random: Random
    database: str = ""
    target: Target | None = None
    backups: dict[str, list[str]] = field(default_factory=dict)  # the fingerprint, by the backup's id
    unsettled: str | None = None  # a restore in place that was neither confirmed nor undone
    undone: bool = False
    replaced: list[str] = field(default_factory=list)  # the fingerprint of what it replaced
    extra: str | None = None  # a server that a restore made
    _looked_at: set[str] = field(default_factory=set)  # backups
    _copies: int = 0

    @property
    def name(self) -> str:
        return f"lane-{self.number}"

    async def open(self) -> None:
        wish = {"provider": "local", "project_id": self.world.project, "name": self.name}
        created = await self.world.post("/v1/databases", wish, expect=202)
        await self.world.succeeded(created["job"])
        self.database = created["database"]["id"]
        self.target = await self.world.target_of(self.database)
        async with connect(self.target, application_name="lane", statement_timeout_seconds=120) as session:
            await session.execute(_SCHEMA)

    async def close(self) -> None:
        """Everything but the backups goes away."""
        if self.extra:
            await self._end(await self.delete_extra())
        if self.unsettled:
            await self._end(await self.confirm())
        path = f"/v1/databases/{self.database}?confirm={self.name}&final_backup=false"
        await self.world.succeeded((await self.world.delete(path, expect=202))["job"])

    def possible(self, name: str) -> str:
        """``name``, or the action that has to come before it."""
        if name != "backup" and not self.backups:
            return "backup"
        if name == "confirm" and not self.unsettled:
            return "in_place"
        if name == "undo" and (not self.unsettled or self.undone):
            return "confirm" if self.unsettled else "in_place"
        if name == "in_place" and self.unsettled:
            return "confirm" if self.undone or self.random.random() < 0.5 else "undo"
        if name == "delete_extra" and not self.extra:
            return "new_database"
        if name == "new_database" and self.extra:
            return "delete_extra"
        if name == "delete_backup" and len(self.backups) < 3:
            return "backup"
        return name

    async def begin(self, name: str) -> Act:
        begin: Callable[[], Awaitable[Act]] = getattr(self, name)
        return await begin()

    def new_backups(self) -> list[str]:
        """Those that are kept since this was asked last."""
        new = [backup for backup in self.backups if backup not in self._looked_at]
        self._looked_at.update(new)
        return new

    def look_again_at(self, backup: str) -> None:
        self._looked_at.discard(backup)

    async def answers(self) -> None:
        """Returns once the server takes logins, if it was killed, and the service says so too."""
        assert self.target is not None
        async with asyncio.timeout(_ANSWER_SECONDS):
            while True:
                with suppress(Problem):
                    await self._names()
                    if (await self.world.get(f"/v1/databases/{self.database}"))["state"] == "available":
                        return
                await asyncio.sleep(0.05)

    async def quiet(self) -> None:
        """Nothing of an ended job is left on this server, once its sessions are gone."""
        assert self.target is not None
        deadline = asyncio.get_running_loop().time() + _QUIET_SECONDS
        while left := await server_remains(self.world, self.target):
            assert asyncio.get_running_loop().time() < deadline, f"left on the server of {self.name}: {left}"
            await asyncio.sleep(0.1)

    # Actions.

    async def backup(self) -> Act:
        await self._execute(
            f"INSERT INTO store.item (name) SELECT 'more' FROM generate_series(1, {self.random.randint(1, 9)})"
        )
        fingerprint = await self._fingerprint()
        body: dict[str, Any] = {}
        if self.random.random() < 0.6:
            body["location_ids"] = [self.world.location, self.world.second_location, self.world.third_location]
        accepted = await self.world.post(f"/v1/databases/{self.database}/backups", body, expect=202)
        backup = accepted["backups"][0]["id"]

        async def succeeded() -> None:
            view = await self._copied(backup)
            # Partial where what lies between us and a location was hit more often than a copy is tried.
            assert view["state"] in {"available", "partial"}, view
            assert view["state"] == "available" or _failed_for_now(view), view
            self.backups[backup] = fingerprint

        async def undone() -> None:
            view = await self._copied(backup)
            if view["manifest_written_at"]:  # what is good stays good, whatever became of its copies
                assert view["state"] in {"available", "partial"}, view
                self.backups[backup] = fingerprint
            else:
                assert view["state"] == "failed", view

        return Act("backup", accepted["job"], succeeded, undone)

    async def delete_backup(self) -> Act:
        backup = next(iter(self.backups))
        accepted = await self.world.delete(f"/v1/backups/{backup}", expect=202)
        del self.backups[backup]

        async def succeeded() -> None:
            assert (await self.world.get(f"/v1/backups/{backup}"))["state"] == "deleted"

        return Act("delete_backup", accepted["job"], succeeded, self.retried(accepted["job"], succeeded))

    async def restore(self) -> Act:
        self._copies += 1
        copy = f"copy {self._copies}"
        backup, fingerprint = self._some_backup()
        accepted = await self.world.start_restore(backup, {"kind": "logical_database", "name": copy})

        async def succeeded() -> None:
            assert await self._fingerprint(copy) == fingerprint
            await self._execute(f'DROP DATABASE "{copy}"', "postgres")

        async def undone() -> None:
            if await self._is_restored(accepted):
                await succeeded()
            assert copy not in await self._names()

        return Act("restore", accepted["job"], succeeded, undone)

    async def in_place(self) -> Act:
        before = await self._fingerprint()
        backup, fingerprint = self._some_backup()
        safety = self.random.random() < 0.3
        accepted = await self.world.start_restore(backup, {"kind": "in_place"}, safety_backup=safety)
        restore = accepted["restore"]["id"]

        async def succeeded() -> None:
            view = await self.world.get(f"/v1/restores/{restore}")
            assert await self._fingerprint() == fingerprint
            assert view["previous_database"] in await self._names()
            self.unsettled, self.undone, self.replaced = restore, False, before
            if view["safety_backup_id"]:
                self.backups[view["safety_backup_id"]] = before

        async def undone() -> None:
            if await self._is_restored(accepted):
                await succeeded()
                return
            assert await self._fingerprint() == before
            assert await self._names() == {NAME}

        return Act("in_place", accepted["job"], succeeded, undone)

    async def confirm(self) -> Act:
        before = await self._fingerprint()
        accepted = await self.world.post(f"/v1/restores/{self.unsettled}:confirm", expect=202)

        async def succeeded() -> None:
            assert await self._fingerprint() == before
            assert await self._names() == {NAME}
            self.unsettled = None

        return Act("confirm", accepted["job"], succeeded, self.retried(accepted["job"], succeeded))

    async def undo(self) -> Act:
        accepted = await self.world.post(f"/v1/restores/{self.unsettled}:undo", expect=202)

        async def succeeded() -> None:
            view = await self.world.get(f"/v1/restores/{self.unsettled}")
            assert await self._fingerprint() == self.replaced
            assert await self._names() == {NAME, view["previous_database"]}
            self.undone = True

        return Act("undo", accepted["job"], succeeded, self.retried(accepted["job"], succeeded))

    async def new_database(self) -> Act:
        self._copies += 1
        backup, fingerprint = self._some_backup()
        wish = {"kind": "new_database", "name": f"{self.name}-{self._copies}"}
        accepted = await self.world.start_restore(backup, wish)
        database = accepted["restore"]["database_id"]

        async def succeeded() -> None:
            assert await self._fingerprint(target=await self.world.target_of(database)) == fingerprint
            self.extra = database

        async def undone() -> None:
            async with asyncio.timeout(_QUIET_SECONDS):
                while (await self.world.get(f"/v1/databases/{database}"))["state"] != "deleted":
                    await asyncio.sleep(0.1)

        return Act("new_database", accepted["job"], succeeded, undone)

    async def delete_extra(self) -> Act:
        name = (await self.world.get(f"/v1/databases/{self.extra}"))["name"]
        path = f"/v1/databases/{self.extra}?confirm={name}&final_backup=false"
        accepted = await self.world.delete(path, expect=202)

        async def succeeded() -> None:
            assert (await self.world.get(f"/v1/databases/{self.extra}"))["state"] == "deleted"
            self.extra = None

        return Act("delete_extra", accepted["job"], succeeded, self.retried(accepted["job"], succeeded))

    def retried(self, job: dict[str, Any], succeeded: After) -> After:
        """For what cannot be undone: it is asked for again, and must then succeed, unless others hit what it needs."""

        async def undone() -> None:
            last = job
            for _ in range(_MOST_RETRIES):
                again = await self.world.post(f"/v1/jobs/{last['id']}:retry", expect=202)
                last = await self.world.ended(again)
                if last["state"] == "succeeded":
                    break
                assert last["error"]["retryable"], last
            assert last["state"] == "succeeded", last
            await succeeded()

        return undone

    # Looks.

    async def _copied(self, backup: str) -> dict[str, Any]:
        """The backup once nothing of it is being copied any more."""
        async with asyncio.timeout(_COPY_SECONDS):
            while True:
                view: dict[str, Any] = await self.world.get(f"/v1/backups/{backup}")
                if view["state"] == "failed" or all(
                    copy["state"] not in ("pending", "copying") for copy in view["copies"]
                ):
                    return view
                await asyncio.sleep(0.05)

    async def _is_restored(self, accepted: dict[str, Any]) -> bool:
        """A job that is cancelled in its very last moment has done what it was asked for."""
        view = await self.world.get(f"/v1/restores/{accepted['restore']['id']}")
        return bool(view["state"] == "restored")

    def _some_backup(self) -> tuple[str, list[str]]:
        return self.random.choice(list(self.backups.items()))

    async def _end(self, act: Act) -> None:
        await self.world.succeeded(act.job)
        await act.succeeded()

    async def _fingerprint(self, name: str = NAME, *, target: Target | None = None) -> list[str]:
        async with self.world.session(name, target=target or self.target) as session:
            return [row[0] for row in await session.fetch(_FINGERPRINT)]

    async def _execute(self, sql: str, name: str = NAME) -> None:
        async with self.world.session(name, target=self.target) as session:
            await session.execute(sql)

    async def _names(self) -> set[str]:
        """Of the logical databases that are not there from the beginning, and the default one."""
        async with self.world.session("postgres", target=self.target) as session:
            rows = await session.fetch(
                "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
            )
        return {row[0] for row in rows}


def _failed_for_now(view: dict[str, Any]) -> bool:
    """Whether what failed may be tried again."""
    return all(copy["error"]["retryable"] for copy in view["copies"] if copy["state"] == "failed")
