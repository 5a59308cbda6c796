"""The same on the newest server of this machine, whose catalogue and settings are others."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.parameters.planning import not_in_force, plan_of
from app.parameters.schemas import TimeoutsPut
from app.parameters.timeouts import values_of, view_of
from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.extensions import extensions
from app.postgres.logical_databases import NewDatabase, create_logical_database, logical_database
from app.postgres.parameter_writing import Scope, only_writer, seen_anew, write
from app.postgres.parameters import Context, read
from app.postgres.toolchain import Ability
from tests.control import ControlServer


@pytest.fixture
async def newest(control: ControlServer, server_directory: Path) -> AsyncIterator[Cluster]:
    installations = [one for one in control.toolchain.installations if Ability.SERVER in one.abilities]
    installation = max(installations, key=lambda one: one.major)
    password = SecretStr(secrets.token_urlsafe(16))
    spec = ClusterSpec(server_directory / "newest", free_port(31000, 31999), "postgres", password, fsync=False)
    cluster = Cluster(spec, installation, attached=True)
    await cluster.create()
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.destroy()


async def test_settings_are_read_and_written(newest: Cluster) -> None:
    target, wish = newest.target, TimeoutsPut(transaction_timeout_seconds=30, idle_session_timeout_seconds=60)
    assert newest.installation.major >= 17
    async with only_writer(target) as server:
        reading = await read(server)
        contexts = {parameter.context for parameter in reading.parameters.values()}
        assert contexts == set(Context)
        plan = plan_of(reading, Scope(), values_of(wish, reading), "local")
        assert plan.after == {"transaction_timeout": "30000ms", "idle_session_timeout": "60000ms"}
        await write(server, target, plan.scope, plan.after)
        seen = await seen_anew(target)
        assert not_in_force(seen, plan.after, plan.scope) == {}
        assert seen.revision() != reading.revision()
        assert view_of(seen, "postgres").system.transaction_timeout_seconds == 30.0
        await write(server, target, plan.scope, plan.before)
        assert (await seen_anew(target)).revision() == reading.revision()
        assert "plpgsql" in await extensions(server)
        assert await create_logical_database(server, NewDatabase("shop", encoding="UTF8", locale="C"))
        found = await logical_database(server, "shop")
        assert found is not None
        assert found.collation == "C"
