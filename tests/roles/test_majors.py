"""Roles on a server of another major: from 16 on, who makes a role is no full member of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.connect import Session, Target, TlsMode
from app.postgres.presets import Aim, RolePreset
from app.postgres.role_facts import holdings, role
from app.postgres.role_making import make, plan
from app.postgres.role_removal import remove
from app.postgres.role_wishes import RoleWish
from app.postgres.toolchain import Toolchain
from tests.planted import plant
from tests.postgres.conftest import PORTS, reachable_folder, toolchain
from tests.sessions import connect

__all__ = ["toolchain"]

ADMIN = "admin_of_roles"
PASSWORD = "a-password-of-a-test"
SETUP = f"""
CREATE ROLE {ADMIN} LOGIN CREATEROLE PASSWORD '{PASSWORD}';
GRANT CONNECT ON DATABASE postgres TO {ADMIN} WITH GRANT OPTION;
CREATE SCHEMA shop AUTHORIZATION {ADMIN}; CREATE TABLE shop.item (id serial);
ALTER TABLE shop.item OWNER TO {ADMIN};
"""


@pytest.fixture(scope="module")
def newer(toolchain: Toolchain) -> Iterator[Target]:
    """Without TLS, which the builds of other majors lack."""
    with reachable_folder() as name:
        spec = ClusterSpec(
            Path(name) / "server",
            free_port(*PORTS),
            "postgres",
            SecretStr(plant("the password of the other major", "of-the-other-major", for_session=True)),
            settings={"ssl": "off"},
            fsync=False,
        )
        server = Cluster(spec, toolchain.server(18), attached=True)
        asyncio.run(_started(server))
        try:
            yield replace(server.target, tls=TlsMode.DISABLE, ca_pem=None)
        finally:
            asyncio.run(server.destroy())


async def _started(server: Cluster) -> None:
    await server.create()
    await server.start()
    async with connect(replace(server.target, tls=TlsMode.DISABLE, ca_pem=None), application_name="test") as session:
        await session.execute(SETUP)


@pytest.fixture
async def admin(newer: Target) -> AsyncIterator[Session]:
    async with connect(newer, application_name="test") as session:
        yield session


async def test_who_may_make_roles_makes_and_removes_them_with_what_they_own(newer: Target, admin: Session) -> None:
    target = replace(newer, user=ADMIN, password=SecretStr(PASSWORD))
    aim = Aim(RolePreset.WRITE, ("shop",))
    wish = RoleWish("made", login=True, aim=aim, logical_databases=("postgres",), settings={"lock_timeout": "5s"})
    made = await make(target, wish)
    assert "'postgres' makes" in made.warnings[0]  # it owns the database, and we are none of its members
    assert (await plan(target, wish)).statements == []
    await admin.execute("CREATE TABLE public.theirs (id integer); ALTER TABLE public.theirs OWNER TO made")
    owned = [(one.logical_database, one.owned) for one in await holdings(admin, "made")]
    assert ("postgres", 1) in owned
    assert (await remove(target, "made", successor=ADMIN, terminate=True)).reassigned == {"postgres": 1}
    assert await admin.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'theirs'") == ADMIN
    assert await role(admin, "made") is None


async def test_every_preset_is_complete_after_it_was_made(newer: Target, admin: Session) -> None:
    for preset in (RolePreset.READ, RolePreset.MIGRATE, RolePreset.MONITOR):
        wish = RoleWish(
            f"of_{preset}", login=True, aim=Aim(preset, ("shop",), (ADMIN,)), logical_databases=("postgres",)
        )
        await make(newer, wish)
        assert (await plan(newer, wish)).statements == []
    monitor = await role(admin, "of_monitor")
    assert monitor is not None
    assert set(monitor.full_member_of) == {"pg_monitor", "pg_read_all_data", "pg_use_reserved_connections"}
    await admin.execute(f"GRANT {ADMIN} TO of_migrate WITH INHERIT FALSE")
    wish = RoleWish(
        "of_migrate", login=True, aim=Aim(RolePreset.MIGRATE, ("shop",), (ADMIN,)), logical_databases=("postgres",)
    )
    assert [sql for _, sql in (await plan(newer, wish)).statements] == [
        f'GRANT "{ADMIN}" TO "of_migrate" WITH INHERIT TRUE, SET TRUE'
    ]
