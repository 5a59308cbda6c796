"""An hour of watching fifty databases, in a time of its own: how much is asked of Railway, and how old what is known gets."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from app.auth.principal import Principal
from app.databases.models import Database, DatabaseState, Project
from app.kit.clock import utc_now
from app.platform.service import status
from app.providers.railway.models import RailwayObservation
from app.runtime import Runtime, open_runtime
from tests.control import ControlServer, make_settings
from tests.planted import plant
from tests.platform.records import adopt, connect, link, look
from tests.railway_simulator.process import Simulator, simulator

ENVIRONMENTS = 5
DATABASES_EACH = 10
TICK_SECONDS = 10
TICKS = 360
TICKS_OF_A_MINUTE = 6
MOST_REQUESTS = 600
# Of the smallest paid plan, of which a tenth stays reserved for changes.
HOURLY_LIMIT = 1000
OLDEST = {"status_at": 60, "metrics_at": 120, "consumers_at": 600}


class Time:
    def __init__(self) -> None:
        self.at = utc_now()

    def now(self) -> datetime:
        return self.at


@pytest.mark.timeout(600)  # an hour of ticks, each of them real statements and requests
async def test_fifty_databases_are_watched_for_an_hour_by_few_requests(
    control: ControlServer, database_url: str, tmp_path: Path, server_directory: Path
) -> None:
    time = Time()
    async with simulator(server_directory / "budget") as railway:
        for kind, token in railway.tokens.items():
            plant(f"Railway token of kind {kind}", token)
        await railway.settings(hourly_limit=HOURLY_LIMIT, per_second=1000)
        settings = make_settings(
            database_url, tmp_path / "data", railway_endpoint=railway.endpoint, railway_requests_per_second=1000
        )
        async with (
            open_runtime(settings, role="worker", clock=time.now, toolchain=control.toolchain) as one,
            open_runtime(settings, role="worker", clock=time.now, toolchain=control.toolchain) as another,
        ):
            databases = await seeded(one, railway)
            assert len(databases) == ENVIRONMENTS * DATABASES_EACH
            await look(one)
            for tick in range(TICKS):
                time.at += timedelta(seconds=TICK_SECONDS)
                if tick % TICKS_OF_A_MINUTE == 0:
                    await railway.clock(TICK_SECONDS * TICKS_OF_A_MINUTE)
                await assert_fresh(one)  # what a caller gets in the last moment before the next look
                await look(one if tick % 2 else another)
            asked = (await railway.state())["requests"]
            assert asked.keys() == {railway.tokens["workspace"]}
            counts = asked[railway.tokens["workspace"]]
            assert counts.keys() == {"environment", "metrics"}
            assert ENVIRONMENTS * TICKS / 6 <= sum(counts.values()) < MOST_REQUESTS
            await assert_seen(one, databases)


async def seeded(runtime: Runtime, railway: Simulator) -> list[Database]:
    there = await railway.seed(environments=ENVIRONMENTS, databases_each=DATABASES_EACH)
    async with runtime.sessions() as session, session.begin():
        project = Project(name="fleet", created_by="test")
        session.add(project)
    connection = await connect(runtime, railway, project.id)
    databases = []
    for found in there["environments"]:
        environment = await link(runtime, railway, connection, found["environment_id"])
        databases += [await adopt(runtime, environment, one) for one in found["databases"]]
    return databases


async def assert_fresh(runtime: Runtime) -> None:
    async with runtime.sessions() as session:
        rows = (await session.exec(select(RailwayObservation))).all()
    assert len(rows) == ENVIRONMENTS
    for row in rows:
        assert row.error is None
        ages = {part: (runtime.clock() - getattr(row, part)).total_seconds() for part in OLDEST}
        assert all(age <= OLDEST[part] for part, age in ages.items()), ages


async def assert_seen(runtime: Runtime, databases: list[Database]) -> None:
    """Each of them is told of, and none was moved."""
    caller = Principal(key_id=databases[0].id, name="test", scopes=frozenset(), project_ids=None)
    async with runtime.sessions() as session:
        for database in databases:
            view = await status(session, database.id, caller, runtime.clock())
            assert view.service is not None
            assert view.service.name == database.name
            assert view.metrics.keys() == {"cpu", "memory", "disk", "network_rx", "network_tx"}
            assert not view.stale
            assert (await session.get_one(Database, database.id)).state == DatabaseState.AVAILABLE
