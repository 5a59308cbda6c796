"""Addresses that change at Railway, and volumes that fill: what follows here."""

import asyncio
from datetime import timedelta

from sqlmodel import col, select

from app.databases.models import Database, Environment, NetworkOpening
from app.databases.reach import Reach
from app.events.models import DomainEvent
from app.kit.ids import new_id
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.platform.records import act, adopt, alerts, look, look_again, observation, row_of
from tests.railway_simulator.process import Simulator

COMMIT = "mutation c($e: String!, $p: EnvironmentConfig!) { environmentPatchCommit(environmentId: $e, patch: $p) }"
CLOSE = "mutation d($id: String!) { tcpProxyDelete(id: $id) }"


async def open_proxy(simulator: Simulator, service_id: str) -> None:
    networking: dict[str, object] = {"networking": {"tcpProxies": {"5432": {}}}}
    await act(simulator, COMMIT, e=simulator.environment_id, p={"services": {service_id: networking}})


async def proxy_of(simulator: Simulator, service_id: str) -> str:
    proxies = (await simulator.state())["proxies"]
    (there,) = [one["id"] for one in proxies if one["service_id"] == service_id and one["deleted_at"] is None]
    return str(there)


async def reached_by(runtime: Runtime, database: Database, reach: Reach) -> Place:
    async with asyncio.timeout(30):
        while True:
            await look_again(runtime)
            row = await row_of(runtime, database)
            if row.reach == reach:
                return Place.of(row.provider_data)
            await asyncio.sleep(0.05)


async def test_public_access_that_somebody_switches_on_moves_and_switches_off_is_followed(
    runtime: Runtime, database: Database, seeded: dict[str, str], simulator: Simulator
) -> None:
    await look(runtime)
    assert (await row_of(runtime, database)).reach == Reach.NONE
    await open_proxy(simulator, seeded["service_id"])
    first = await reached_by(runtime, database, Reach.PUBLIC)
    row = await row_of(runtime, database)
    assert (row.host, row.port) == (first.public_host, first.public_port)

    await act(simulator, CLOSE, id=await proxy_of(simulator, seeded["service_id"]))
    await reached_by(runtime, database, Reach.NONE)
    await open_proxy(simulator, seeded["service_id"])
    second = await reached_by(runtime, database, Reach.PUBLIC)
    assert second.public_port != first.public_port
    async with runtime.sessions() as session:
        changed = DomainEvent.type == "database.address_changed"
        events = (await session.exec(select(DomainEvent).where(changed).order_by(col(DomainEvent.id)))).all()
    assert [event.data["reach"] for event in events] == ["public", "none", "public"]


async def test_a_proxy_that_was_made_anew_between_two_readings_of_the_configuration_is_noticed(
    runtime: Runtime, database: Database, seeded: dict[str, str], simulator: Simulator
) -> None:
    await open_proxy(simulator, seeded["service_id"])
    first = await reached_by(runtime, database, Reach.PUBLIC)
    await look_again(runtime)
    await act(simulator, CLOSE, id=await proxy_of(simulator, seeded["service_id"]))
    await look_again(runtime)  # sees an etag that has changed
    await open_proxy(simulator, seeded["service_id"])
    async with asyncio.timeout(30):
        while True:
            await look_again(runtime)
            place = Place.of((await row_of(runtime, database)).provider_data)
            if place.public_port not in (None, first.public_port):
                break
            await asyncio.sleep(0.05)


async def test_a_public_address_that_a_job_has_opened_for_itself_is_not_taken_for_the_databases(
    runtime: Runtime, database: Database, seeded: dict[str, str], simulator: Simulator
) -> None:
    opening = NetworkOpening(database_id=database.id, job_id=new_id(), close_at=runtime.clock() + timedelta(hours=1))
    async with runtime.sessions() as session, session.begin():
        session.add(opening)
    await look(runtime)
    await open_proxy(simulator, seeded["service_id"])
    for _ in range(5):
        await look_again(runtime)
        await asyncio.sleep(0.1)
    networking = ((await observation(runtime)).consumers or {})["networking"][seeded["service_id"]]
    assert networking["is_public"]
    assert (await row_of(runtime, database)).reach == Reach.NONE


async def test_nothing_is_asked_about_addresses_while_the_configuration_stays(
    runtime: Runtime, database: Database, seeded: dict[str, str], simulator: Simulator
) -> None:
    await open_proxy(simulator, seeded["service_id"])
    await reached_by(runtime, database, Reach.PUBLIC)
    for _ in range(2):
        await look_again(runtime)
    before = (await simulator.state())["requests"][simulator.tokens["workspace"]]
    for _ in range(5):
        await look_again(runtime)
    after = (await simulator.state())["requests"][simulator.tokens["workspace"]]
    assert after["tcpProxies"] == before["tcpProxies"]
    assert after["environment"] == before["environment"] + 5


async def test_a_volume_that_fills_is_told_at_two_levels_until_it_has_room_again(
    runtime: Runtime, environment: Environment, simulator: Simulator
) -> None:
    volumes = {}
    for size in (1500, 1250):  # MB, of which a seeded database uses 1200
        await simulator.settings(volume_size_mb=size)
        made = await simulator.seed(environments=1, databases_each=1)
        volumes[size] = made["environments"][0]["databases"][0]
    await simulator.settings(volume_size_mb=50_000)
    filling = await adopt(runtime, environment, volumes[1500])
    nearly_full = await adopt(runtime, environment, volumes[1250])
    await look(runtime)
    found = [(one.type, one.severity, one.database_id) for one in await alerts(runtime)]
    assert found == [
        ("database.disk_filling", "warn", filling.id),
        ("database.disk_filling", "warn", nearly_full.id),
        ("database.disk_nearly_full", "crit", nearly_full.id),
    ]
    assert (await alerts(runtime))[0].data == {"used_mb": 1200.0, "size_mb": 1500.0, "used_percent": 80.0}

    larger = {seeded["volume_id"]: {"sizeMB": 3000} for seeded in volumes.values()}
    await act(simulator, COMMIT, e=simulator.environment_id, p={"volumes": larger})
    async with asyncio.timeout(30):
        while any(one.cleared_at is None for one in await alerts(runtime)):
            await look_again(runtime)
            await asyncio.sleep(0.05)
    assert {one.cleared_reason for one in await alerts(runtime)} == {"40 % of the volume are used"}
