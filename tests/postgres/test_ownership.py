"""Objects of a database handed from the superuser to a role that cannot log in."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from app.postgres import ownership
from app.postgres.connect import Session, Target
from app.postgres.errors import LockTimeout
from app.postgres.identifiers import quoted
from app.postgres.ownership import hand_over, owned_by
from app.postgres.ownership_limits import limits_of
from app.postgres.ownership_roles import (
    ApplicationRoles,
    LoginRole,
    existing_roles,
    make_roles,
    role_statements,
    user_schemas,
)
from tests.applications.every_kind import KINDS, SCHEMA
from tests.sessions import connect

PASSWORD = SecretStr("a long enough password")


@pytest.fixture
async def database(target: Target, admin: Session, unique: str) -> AsyncIterator[Target]:
    await admin.execute(f"CREATE DATABASE {unique} TEMPLATE template0")
    yield target.with_database(unique)
    await admin.execute(f"DROP DATABASE {unique} WITH (FORCE)")


@pytest.fixture
async def session(database: Target) -> AsyncIterator[Session]:
    async with connect(database, application_name="test", lock_timeout_seconds=0.2) as session:
        yield session


@pytest.fixture
async def roles(admin: Session, session: Session, unique: str) -> AsyncIterator[ApplicationRoles]:
    name = f'é"{unique[:8]}'
    logins = [LoginRole(f"{name}_a", can_login=True, password=PASSWORD), LoginRole(f"{name}_b", can_login=False)]
    roles = ApplicationRoles(f"{name}_owner", logins, {"lock_timeout": "5s", "statement_timeout": "30s"})
    yield roles
    for name in await existing_roles(session, roles.names):
        await session.execute(f"DROP OWNED BY {quoted(name)} CASCADE; DROP ROLE {quoted(name)}")


async def test_an_object_of_every_kind_has_its_new_owner(session: Session, roles: ApplicationRoles) -> None:
    await session.execute(SCHEMA)
    before = await owned_by(session, "postgres")
    assert Counter(one.kind for one in before) == KINDS
    done: list[int] = []
    await make_roles(session, roles)
    await hand_over(session, before, roles.owner, note=done.append)
    assert done[-1] == len(before)
    assert await owned_by(session, "postgres") == []
    assert Counter(one.kind for one in await owned_by(session, roles.owner)) == KINDS
    rights = await session.fetchval("SELECT relacl::text FROM pg_class WHERE relname = 'names'")
    assert "postgres" not in rights  # what was granted for the time between is the owner's own right


async def test_what_somebody_uses_is_named_with_who_it_is_and_the_rest_is_done(
    session: Session, roles: ApplicationRoles, database: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership, "_PAUSE_SECONDS", 0.01)
    await session.execute("CREATE TABLE free (); CREATE TABLE used (); CREATE TABLE other ()")
    await make_roles(session, roles)
    async with connect(database, application_name="a long report") as somebody, somebody.transaction():
        await somebody.execute("SELECT * FROM used")
        with pytest.raises(LockTimeout) as refusal:
            await hand_over(session, await owned_by(session, "postgres"), roles.owner)
        assert "a long report" in refusal.value.detail
        assert "public.used" in refusal.value.detail
        assert [one.identity for one in await owned_by(session, "postgres")] == ["public.used"]
    await hand_over(session, await owned_by(session, "postgres"), roles.owner)
    assert await owned_by(session, "postgres") == []


async def test_what_is_dropped_meanwhile_needs_no_owner(session: Session, roles: ApplicationRoles) -> None:
    await session.execute("CREATE TABLE one (); CREATE TABLE gone (); CREATE FUNCTION f() RETURNS int RETURN 1")
    objects = await owned_by(session, "postgres")
    await session.execute("DROP TABLE gone; DROP FUNCTION f()")
    await make_roles(session, roles)
    await hand_over(session, objects, roles.owner)
    assert await owned_by(session, "postgres") == []


async def test_the_roles_are_made_once_and_repaired(session: Session, roles: ApplicationRoles) -> None:
    await make_roles(session, roles)
    await session.execute(f"ALTER ROLE {quoted(roles.owner)} LOGIN; ALTER ROLE {quoted(roles.logins[1].role)} LOGIN")
    before = await session.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = $1", roles.logins[0].role)
    await make_roles(session, roles)
    assert await existing_roles(session, roles.names) == dict(zip(roles.names, [False, True, False], strict=True))
    after = await session.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = $1", roles.logins[0].role)
    assert before == after
    assert not any("PASSWORD" in statement for statement in await role_statements(session, roles))


async def test_an_operator_that_lies_in_wait_for_a_superuser_is_not_used(session: Session) -> None:
    await session.execute(
        "CREATE TABLE caught ();"
        "CREATE FUNCTION catch(oid, regclass) RETURNS boolean LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION $$caught$$; END';"
        "CREATE OPERATOR = (LEFTARG = oid, RIGHTARG = regclass, FUNCTION = catch)"
    )
    found = await owned_by(session, "postgres")
    assert {one.kind for one in found} == {"table", "function", "operator"}
    assert {schema.name for schema in await user_schemas(session)} == {"public"}
    limits = await limits_of(session, "postgres", schemas=["public"], own=["postgres"])
    assert limits.kept == []
