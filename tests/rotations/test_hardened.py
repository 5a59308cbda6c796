"""An application as :harden makes it, rotated."""

import secrets
from dataclasses import replace

from app.applications import tasks as applications
from app.postgres.identifiers import quoted
from tests.rotations.conftest import Rotator, working
from tests.sessions import connect


async def test_both_logins_of_a_hardened_application_take_turns(rotator: Rotator) -> None:
    """New tables belong to their owner, whoever of the two makes them."""
    name = f"shop_{secrets.token_hex(3)}"
    await rotator.ask(f"CREATE DATABASE {name}")
    wish = {"application": f"web_{name}", "logical_database": name, "consumers": "leave"}
    async with working(rotator.runtime, *applications.programmes(rotator.runtime)):
        job = await rotator.ended(await rotator.call("POST", ":harden", wish, expect=202))
        assert job["state"] == "succeeded", job["error"]
        for turn in range(2):
            rotated = await rotator.rotated(f"web_{name}", grace_seconds=60)
            login = (await rotator.logins())[rotated["result"]["role"]]
            target = replace(rotator.at(login), database=name)
            async with connect(target, application_name="test") as session:
                await session.execute(f"CREATE TABLE migration_{turn} (n int)")
                owner = "SELECT tableowner FROM pg_tables WHERE tablename = $1"
                assert (await session.fetchval(owner, f"migration_{turn}")).endswith("_owner")
                assert not await session.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
    await rotator.ask(f"DROP DATABASE {quoted(name)} WITH (FORCE)")
