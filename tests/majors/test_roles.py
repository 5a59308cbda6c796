"""Roles: what a preset gives is complete and repaired, and what a role leaves goes to its successor."""

from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from app.postgres.presets import RolePreset
from tests.planted import plant
from tests.roles.conftest import TABLES, Call, Shop, at
from tests.roles.test_temporary import WISH


@pytest.fixture(autouse=True)
async def _tables(shop: Shop) -> None:
    await shop.execute(TABLES.format(owner=shop.owner))


def drift_of(privileges: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    assert privileges["drift"]["is_judged"]
    return privileges["drift"]["missing"], privileges["drift"]["extra"]


async def test_every_preset_is_complete_and_what_differs_is_found_and_repaired(shop: Shop, call: Call) -> None:
    for preset in (RolePreset.READ, RolePreset.MIGRATE, RolePreset.OWNER, RolePreset.MONITOR):
        name, wish = shop.name(preset), {"preset": preset, "schemas": ["shop"], "owners": [shop.owner]}
        await call("PUT", at(name), {"preset": preset} if preset is RolePreset.MONITOR else wish, expect=201)
        assert drift_of((await call("GET", f"{at(name)}/privileges")).json()) == ([], [])
    name = shop.name(RolePreset.READ)
    await shop.execute(
        f"REVOKE SELECT ON shop.item FROM {name}; GRANT INSERT ON shop.item TO {name}; ALTER ROLE {name} CREATEDB;"
        f"GRANT {shop.owner} TO {name} WITH ADMIN OPTION; GRANT SELECT ON other.secret TO {name};"
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {shop.owner} IN SCHEMA shop REVOKE SELECT ON TABLES FROM {name}"
    )
    missing, extra = drift_of((await call("GET", f"{at(name)}/privileges")).json())
    assert {point["kind"] for point in missing} == {"tables", "future_tables"}
    assert {point["kind"] for point in extra} == {"tables", "attribute", "membership"}
    await call("POST", f"{at(name)}:repair")
    assert drift_of((await call("GET", f"{at(name)}/privileges")).json()) == ([], [])


async def test_what_a_role_owns_goes_to_its_successor(shop: Shop, call: Call) -> None:
    name = shop.name("leaving")
    await call("PUT", at(name), {"preset": "write", "schemas": ["shop"]}, expect=201)
    await shop.execute(f"CREATE TABLE public.theirs (id integer); ALTER TABLE public.theirs OWNER TO {name}")
    refused = (await call("DELETE", at(name), expect=409)).json()
    assert (refused["code"], refused["owned"]) == ("ROLE_OWNS_OBJECTS", {shop.target.database: 1})
    await call("DELETE", f"{at(name)}?successor={shop.owner}", expect=204)
    owner = await shop.value("SELECT tableowner FROM pg_tables WHERE tablename = 'theirs'")
    assert owner == shop.owner
    await call("GET", at(name), expect=404)


async def test_a_temporary_credential_does_what_was_wished_and_its_role_goes(shop: Shop, call: Call) -> None:
    made = (await call("POST", "/temporary-credentials", WISH, expect=201)).json()
    password = SecretStr(plant("the password of a temporary credential", made["password"]))
    async with shop.session(made["username"], password) as session:
        await session.execute("INSERT INTO shop.item (name) VALUES ('x')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await session.execute("SELECT * FROM other.secret")
    until = await shop.value("SELECT rolvaliduntil FROM pg_roles WHERE rolname = $1", made["username"])
    assert until.isoformat() == made["expires_at"].replace("Z", "+00:00")
    await call("DELETE", f"/temporary-credentials/{made['id']}", expect=204)
    assert await shop.value("SELECT count(*) FROM pg_roles WHERE rolname = $1", made["username"]) == 0
