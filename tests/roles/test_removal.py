"""Deleting roles: with what they own, with sessions, half-way, and by a login that is no superuser."""

from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from sqlmodel import select

from app.auth.models import AuditEvent
from app.connections.models import Login, LoginState
from app.postgres import role_removal
from app.postgres.errors import PrivilegeMissing
from app.postgres.presets import Aim, RolePreset
from app.postgres.role_making import make, session_in
from app.postgres.role_removal import remove
from app.postgres.role_wishes import RoleWish
from app.roles.models import ManagedRole
from app.runtime import Runtime
from tests.planted import plant
from tests.roles.conftest import Call, Shop, at
from tests.sessions import connect


async def test_what_a_role_owns_goes_to_its_successor_in_every_database(
    shop: Shop, call: Call, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, second = shop.name("leaving"), f"{shop.prefix}_second"
    await call("PUT", at(name), {"preset": "write", "schemas": ["shop"]}, expect=201)
    await shop.execute(f"CREATE DATABASE {second} STRATEGY file_copy")
    try:
        for target in (shop.target, shop.target.with_database(second)):
            async with connect(target, application_name="test") as session:
                await session.execute(f"CREATE TABLE public.theirs (id integer); ALTER TABLE theirs OWNER TO {name}")
        refused = await call("DELETE", at(name), expect=409)
        assert refused.json()["code"] == "ROLE_OWNS_OBJECTS"
        assert refused.json()["owned"] == {shop.target.database: 1, second: 1}
        await call("DELETE", f"{at(name)}?successor=nobody_there", expect=422)
        where = f"{at(name)}?successor={shop.owner}"
        await call("DELETE", f"{where}&dry_run=true", expect=204)
        with monkeypatch.context() as patch:  # killed after the first of the two databases
            patch.setattr(role_removal, "session_in", _once(session_in))
            await call("DELETE", where, expect=500)
        await call("DELETE", where, expect=204)
        for target in (shop.target, shop.target.with_database(second)):
            async with connect(target, application_name="test") as session:
                query = "SELECT tableowner FROM pg_tables WHERE tablename = 'theirs'"
                assert await session.fetchval(query) == shop.owner
    finally:
        await shop.execute(f"DROP DATABASE {second} WITH (FORCE)")
    async with runtime.sessions() as session:
        assert [login.state for login in (await session.exec(select(Login))).all()] == [LoginState.ENDED]
        assert (await session.exec(select(ManagedRole))).all() == []
        trail = (await session.exec(select(AuditEvent).where(AuditEvent.action == "delete_role"))).all()
    # That of the killed one as well: it stands there before the server hears of it.
    assert [(one.target_id, one.details["successor"]) for one in trail] == [(name, shop.owner)] * 2
    await call("DELETE", where, expect=404)


def _once(inner: Any) -> Any:
    """Lets the first through, and breaks at the second."""
    calls = iter(range(100))

    def limited(*arguments: Any) -> Any:
        if next(calls):
            raise ZeroDivisionError
        return inner(*arguments)

    return limited


async def test_sessions_keep_a_role_from_being_deleted_unless_they_may_be_ended(
    shop: Shop, call: Call, runtime: Runtime
) -> None:
    name, password = shop.name("busy"), SecretStr(plant("a test's password", "a-password-of-a-test"))
    await shop.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password.get_secret_value()}'")
    async with shop.session(name, password) as session:
        refused = await call("DELETE", at(name), expect=409)
        assert (refused.json()["code"], refused.json()["sessions"]) == ("ROLE_IN_USE", 1)
        await call("DELETE", f"{at(name)}?terminate=true", expect=204)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await session.fetchval("SELECT 1")
    await call("GET", at(name), expect=404)


async def test_a_database_that_takes_no_connections_is_named(shop: Shop, call: Call) -> None:
    name, closed = shop.name("app"), f"{shop.prefix}_closed"
    await call("PUT", at(name), {}, expect=201)
    await shop.execute(f"CREATE DATABASE {closed} STRATEGY file_copy")
    try:
        async with connect(shop.target.with_database(closed), application_name="test") as session:
            await session.execute(f"CREATE TABLE t (id integer); GRANT SELECT ON t TO {name}")
        await shop.execute(f"ALTER DATABASE {closed} ALLOW_CONNECTIONS false")
        refused = await call("DELETE", at(name), expect=409)
        assert refused.json()["logical_databases"] == [closed]
    finally:
        await shop.execute(f"DROP DATABASE {closed} WITH (FORCE)")


async def test_a_login_that_is_no_superuser_does_what_it_may_and_names_what_it_lacks(shop: Shop) -> None:
    admin, password = shop.name("admin"), SecretStr(plant("a test's password", "a-password-of-a-test"))
    await shop.execute(f"CREATE ROLE {admin} LOGIN PASSWORD '{password.get_secret_value()}'")
    target = replace(shop.target, user=admin, password=password)
    wish = RoleWish(shop.name("made"), login=True, aim=None, logical_databases=(target.database,))
    with pytest.raises(PrivilegeMissing, match="CREATEROLE"):
        await make(target, wish)
    await shop.execute(f"ALTER ROLE {admin} CREATEROLE")
    await make(target, wish)
    reading = replace(wish, aim=Aim(RolePreset.READ, ("shop",), (shop.owner,)))
    with pytest.raises(PrivilegeMissing, match="is no member of"):
        await make(target, reading)
    assert not await shop.value("SELECT has_table_privilege($1, 'shop.item', 'SELECT')", wish.name)
    await shop.execute(
        f"GRANT {shop.owner} TO {admin}; GRANT CONNECT ON DATABASE {target.database} TO {admin} WITH GRANT OPTION"
    )
    await make(target, reading)
    assert await shop.value("SELECT has_table_privilege($1, 'shop.item', 'SELECT')", wish.name)
    await shop.execute(f"CREATE TABLE theirs (id integer); ALTER TABLE theirs OWNER TO {wish.name}")
    assert (await remove(target, wish.name, successor=shop.owner, terminate=True)).reassigned == {target.database: 1}
