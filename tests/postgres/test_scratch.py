"""Scratch servers end with whoever made them, and leave nothing."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from app.postgres.errors import ToolMissing
from app.postgres.postmaster import Postmaster
from app.postgres.rehearsing import roles_of
from app.postgres.scratch import ScratchBusy, installation_for, remove_all_scratch, remove_scratch, scratch_server
from app.postgres.toolchain import Installation, Toolchain
from tests.sessions import connect

KEEPER = """
import asyncio, sys
from pathlib import Path
from app.postgres.scratch import installation_for, scratch_server
from app.postgres.toolchain import Toolchain

async def main():
    server = installation_for(await Toolchain.discover(), int(sys.argv[2]))
    async with scratch_server(Path(sys.argv[1]), server):
        print("ready", flush=True)
        await asyncio.sleep(120)

asyncio.run(main())
"""


async def test_it_serves_while_it_is_held_and_is_gone_afterwards(folder: Path, debian: Installation) -> None:
    place = folder / "scratch" / "job_1"
    async with scratch_server(place, debian) as target:
        async with connect(target, application_name="test") as session:
            assert await session.fetchval("SELECT 1") == 1
        assert not await remove_scratch(place)
        with pytest.raises(ScratchBusy):
            async with scratch_server(place, debian):
                pass
    assert list(place.parent.iterdir()) == []


async def test_what_a_killed_process_left_is_swept_and_what_a_living_one_has_is_not(
    folder: Path, debian: Installation
) -> None:
    parent = folder / "scratch"
    keepers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", KEEPER, parent / name, str(debian.major), stdout=asyncio.subprocess.PIPE
        )
        for name in ("killed", "living")
    ]
    try:
        for keeper in keepers:
            assert keeper.stdout
            async with asyncio.timeout(60):
                while b"ready" not in await keeper.stdout.readline():
                    assert keeper.returncode is None
        postmaster = Postmaster.of(parent / "killed" / "server" / "data")
        assert postmaster
        keepers[0].kill()
        await keepers[0].wait()
        await remove_all_scratch(parent)
        assert [path.name for path in parent.iterdir()] == ["living"]
        assert not postmaster.is_alive()
    finally:
        for keeper in keepers:
            if keeper.returncode is None:
                os.kill(keeper.pid, signal.SIGKILL)
                await keeper.wait()
    await remove_all_scratch(parent)
    assert list(parent.iterdir()) == []


def test_the_lowest_major_that_takes_it_is_chosen(toolchain: Toolchain) -> None:
    majors = sorted({one.major for one in toolchain.installations})
    assert installation_for(toolchain, 13).major == majors[0]
    assert [installation_for(toolchain, major).major for major in majors] == majors
    with pytest.raises(ToolMissing) as missing:
        installation_for(toolchain, 99)
    assert missing.value.members == {"package": "postgresql-99"}


def test_roles_are_read_from_a_script_and_nothing_else_of_it() -> None:
    script = """--
-- Roles
--

CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER LOGIN PASSWORD 'SCRAM-SHA-256$…';
CREATE ROLE "Ünruly ""one""; x";
COMMENT ON ROLE app IS 'see
CREATE ROLE evil SUPERUSER;
';
GRANT app TO "Ünruly ""one""; x" GRANTED BY postgres;
CREATE TABLESPACE fast OWNER app LOCATION '/srv/fast';
"""
    assert roles_of(script) == ["app", 'Ünruly "one"; x']
