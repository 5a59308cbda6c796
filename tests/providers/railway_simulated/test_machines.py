"""The servers behind simulated services do what those of the official image do, and end with the simulator."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from tests.e2e.processes import processes_of
from tests.railway_simulator.machines import MachineFailed, Machines

PASSWORD = secrets.token_hex(16)
VARIABLES = {"POSTGRES_USER": "postgres", "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": "railway"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machines() -> AsyncIterator[Machines]:
    with tempfile.TemporaryDirectory(prefix="pgm-sim-") as name:
        Path(name).chmod(0o755)
        async with Machines.opened(Path(name)) as machines:
            yield machines
        assert processes_of(Path(name)) == []


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def volume() -> str:
    return f"volume-{secrets.token_hex(4)}"


async def started(machines: Machines, volume: str, **variables: str) -> None:
    await machines.start(volume, major=max(machines.majors), variables=VARIABLES | variables)


async def ask(machines: Machines, volume: str, sql: str, password: str = PASSWORD, **options: Any) -> Any:
    port = machines.port(volume)
    assert port, machines.log(volume)
    usual: dict[str, Any] = {"host": "127.0.0.1", "user": "postgres", "database": "railway"}
    session = await asyncpg.connect(port=port, password=password, **(usual | options))
    try:
        return await session.fetchval(sql)
    finally:
        await session.close()


async def test_a_new_volume_takes_user_password_and_database_from_the_variables(
    machines: Machines, volume: str
) -> None:
    await started(machines, volume, POSTGRES_USER="shopkeeper", POSTGRES_DB="shop")
    who = await ask(machines, volume, "SELECT current_user || current_database()", user="shopkeeper", database="shop")
    assert who == "shopkeepershop"


async def test_a_volume_with_data_keeps_its_password_whatever_the_variable_says(
    machines: Machines, volume: str
) -> None:
    await started(machines, volume)
    await machines.stop(volume)
    assert machines.port(volume) is None
    await started(machines, volume, POSTGRES_PASSWORD="another")
    assert await ask(machines, volume, "SELECT 1") == 1
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(machines, volume, "SELECT 1", "another")


async def test_an_empty_volume_without_a_password_does_not_start(machines: Machines, volume: str) -> None:
    with pytest.raises(MachineFailed, match="superuser password is not specified"):
        await machines.start(volume, major=max(machines.majors), variables={})


async def test_data_of_another_major_are_refused(machines: Machines, volume: str) -> None:
    with pytest.raises(MachineFailed, match="no server of PostgreSQL 9"):
        await machines.start(volume, major=9, variables=VARIABLES)


async def test_committed_rows_outlive_a_crash(machines: Machines, volume: str) -> None:
    await started(machines, volume)
    await ask(machines, volume, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    await machines.crash(volume)
    assert machines.port(volume) is None
    await started(machines, volume)
    assert await ask(machines, volume, "SELECT count(*) FROM kept") == 1000
    assert any("not properly shut down" in line for line in machines.log(volume))


async def test_a_copy_holds_what_was_committed_before_it_while_the_server_writes_on(
    machines: Machines, volume: str
) -> None:
    await started(machines, volume)
    await ask(machines, volume, "CREATE TABLE kept AS SELECT generate_series(1, 20000) AS n")
    enough = asyncio.Event()

    async def write() -> None:
        while not enough.is_set():
            await ask(machines, volume, "INSERT INTO kept SELECT generate_series(1, 5000)")
            await ask(machines, volume, "CHECKPOINT")

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        await machines.copy(volume, to=f"{volume}-copy")
        enough.set()
    await started(machines, f"{volume}-copy", POSTGRES_PASSWORD="ignored")
    copied = await ask(machines, f"{volume}-copy", "SELECT count(*) FROM kept")
    assert copied >= 20000
    assert copied % 5000 == 0
    assert await ask(machines, f"{volume}-copy", "SELECT count(*) FROM pg_replication_slots") == 0


async def test_a_copy_of_a_stopped_volume_is_one_of_its_own(machines: Machines, volume: str) -> None:
    await started(machines, volume)
    await ask(machines, volume, "CREATE TABLE kept AS SELECT 7 AS n")
    await machines.stop(volume)
    await machines.copy(volume, to=f"{volume}-copy")
    await started(machines, volume)
    await ask(machines, volume, "UPDATE kept SET n = 8")
    await started(machines, f"{volume}-copy")
    assert await ask(machines, f"{volume}-copy", "SELECT n FROM kept") == 7


async def test_a_volume_has_the_size_of_its_files_until_it_is_removed(machines: Machines, volume: str) -> None:
    assert await machines.size_mb(volume) == 0
    await started(machines, volume)
    before = await machines.size_mb(volume)
    await ask(machines, volume, "CREATE TABLE big AS SELECT repeat('x', 1000) FROM generate_series(1, 20000)")
    await ask(machines, volume, "CHECKPOINT")
    assert await machines.size_mb(volume) > before + 15
    await machines.remove(volume)
    assert await machines.size_mb(volume) == 0
    assert machines.port(volume) is None
    assert machines.log(volume) == []


async def test_starting_a_server_that_runs_changes_nothing(machines: Machines, volume: str) -> None:
    await started(machines, volume)
    port = machines.port(volume)
    await started(machines, volume)
    assert machines.port(volume) == port
