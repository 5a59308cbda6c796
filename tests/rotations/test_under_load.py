"""Rotation under applications that never stop: through PgBouncer, and straight at the server."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from app.connections.logins import LoginRepository, open_login_password
from app.databases.access import target_of
from app.databases.models import Database
from app.errors import Problem
from app.kit.ids import encode_id
from app.pooling import tasks as pooling
from app.postgres.connect import Target
from app.runtime import Runtime
from tests.pooling.conftest import Attached, Finished, cluster, database, entered, finished, settings
from tests.rotations.conftest import Rotator, an_application, working
from tests.sessions import connect

__all__ = ["cluster", "database", "finished", "settings"]

CLIENTS = 4
# Of each client: 200 transactions a second all together, as far as the machine can.
PERIOD_SECONDS = 0.02
ROTATIONS = 2


@dataclass
class Load:
    """What an application did and met. ``seen``: the logins that it used."""

    rotator: Rotator
    door: Target
    transactions: int = 0
    errors: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    async def login(self) -> Target:
        """By the record, as a service has it that was deployed with the variables of now."""
        async with self.rotator.runtime.sessions() as session:
            current = await LoginRepository(session).current_of(self.rotator.application.id)
        assert current is not None
        password = open_login_password(current, self.rotator.runtime.key_ring)
        assert password is not None
        self.seen.add(current.role)
        return replace(self.door, user=current.role, password=password)

    async def done(self, transactions: int) -> None:
        """Waits until so many more have been made."""
        goal = self.transactions + transactions
        async with asyncio.timeout(60):
            while self.transactions < goal and not self.errors:
                await asyncio.sleep(0.01)


@pytest.fixture
async def rotator(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], database: Database
) -> AsyncIterator[Rotator]:
    admin = target_of(database, runtime.key_ring)
    application = await an_application(runtime, admin, database)
    async with working(runtime, *pooling.programmes(runtime)):
        yield Rotator(runtime, client, as_admin, admin, database, application)


@pytest.fixture
async def pooled_door(rotator: Rotator, finished: Finished) -> Target:
    path = f"/v1/databases/{encode_id('db', rotator.database.id)}/pooler"
    pooler = Attached(rotator.client, rotator.headers, finished, rotator.runtime, rotator.database, path)
    # Its idle connections to the server are sessions of the former login, too, for as long as it keeps them.
    job = await pooler.apply("PUT", json={"default_pool_size": 3, "server_idle_timeout": 1})
    assert job["state"] == "succeeded", job
    return await pooler.door()


@asynccontextmanager
async def running(load: Load, client: "type[Pooled | Direct]", folder: Path) -> AsyncGenerator[None]:
    tasks = [asyncio.create_task(client(load, folder / str(number)).run()) for number in range(CLIENTS)]
    try:
        await load.done(100)
        yield
        await load.done(100)
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                load.errors.append(repr(ended))


@dataclass
class Client:
    """One connection of an application's pool."""

    load: Load
    folder: Path
    due: float = 0.0

    async def transactions(self, execute: Callable[[str], Awaitable[object]]) -> None:
        """Some, in time: what was late is made up for."""
        clock = asyncio.get_running_loop().time
        self.due = max(self.due, clock() - 10 * PERIOD_SECONDS)
        for _ in range(10):
            await execute("SELECT 1")
            self.load.transactions += 1
            self.due += PERIOD_SECONDS
            await asyncio.sleep(max(0.0, self.due - clock()))


class Pooled(Client):
    """Stays connected, and moves between two transactions once another login is current."""

    async def run(self) -> None:
        self.folder.mkdir()
        while True:
            login = await self.load.login()
            async with entered(login, self.folder) as connection:
                while await self.load.login() == login:
                    await self.transactions(connection.execute)


class Direct(Client):
    """Connects anew again and again, with what the record says at that moment."""

    async def run(self) -> None:
        while True:
            try:
                async with connect(await self.load.login(), application_name="the application") as session:
                    await self.transactions(session.execute)
            except Problem as problem:
                self.load.errors.append(f"{problem.code}: {problem.detail}")


async def test_through_the_pooler_no_transaction_fails(rotator: Rotator, pooled_door: Target, tmp_path: Path) -> None:
    load = Load(rotator, pooled_door)
    async with running(load, Pooled, tmp_path):
        for _ in range(ROTATIONS):
            job = await rotator.rotated("app", grace_seconds=60)
            assert job["result"]["sessions_ended"] == 0, job["warnings"]
            await load.done(50)
    assert load.errors == []
    assert len(load.seen) == 2


async def test_straight_at_the_server_nobody_is_refused(rotator: Rotator, tmp_path: Path) -> None:
    load = Load(rotator, rotator.admin)
    async with running(load, Direct, tmp_path):
        for _ in range(ROTATIONS):
            job = await rotator.rotated("app", grace_seconds=60)
            assert job["result"]["sessions_ended"] == 0, job["warnings"]
            await load.done(50)
    assert load.errors == []
    assert len(load.seen) == 2
