import secrets
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.postgres.connect import Session, Target
from app.postgres.identifiers import quoted
from app.postgres.making import Shape, create_database, drop_database
from app.postgres.traits import Grant, RoleSettings, Traits, _elements, apply_traits, read_traits
from tests.sessions import connect


@pytest.fixture
async def session(target: Target) -> AsyncIterator[Session]:
    async with connect(target, application_name="test") as session:
        yield session


@pytest.fixture
async def names(session: Session) -> AsyncIterator[tuple[str, str, str]]:
    """Two databases and a role."""
    tag = secrets.token_hex(4)
    one, other, role = f"one {tag}", f'other "{tag}"', f'r"ole, {tag}=x/'
    await session.execute(f"CREATE ROLE {quoted(role)} NOLOGIN")
    for name in (one, other):
        await session.execute(f"CREATE DATABASE {quoted(name)}")
    yield one, other, role
    for name in (one, other):
        await drop_database(session, name)
    await session.execute(f"DROP ROLE {quoted(role)}")


async def test_everything_that_a_database_is_beyond_its_contents_can_be_carried_over(
    session: Session, names: tuple[str, str, str]
) -> None:
    one, other, role = names
    database, who = quoted(one), quoted(role)
    await session.execute(
        f"""
        ALTER DATABASE {database} OWNER TO {who};
        ALTER DATABASE {database} CONNECTION LIMIT 17;
        COMMENT ON DATABASE {database} IS 'it''s \\ the shop';
        ALTER DATABASE {database} SET search_path TO 'a "b", c', "$user", public;
        ALTER DATABASE {database} SET work_mem TO '8MB';
        ALTER DATABASE {database} SET "app.tenant" TO 'x, ''y''';
        ALTER DATABASE {database} SET default_transaction_read_only TO on;
        ALTER ROLE {who} IN DATABASE {database} SET statement_timeout TO '5s';
        REVOKE ALL ON DATABASE {database} FROM PUBLIC;
        REVOKE TEMPORARY ON DATABASE {database} FROM {who};
        GRANT CONNECT ON DATABASE {database} TO postgres WITH GRANT OPTION
        """
    )
    wanted = await read_traits(session, one)
    assert wanted is not None
    for _ in range(2):
        assert await apply_traits(session, other, wanted, roles={"postgres", role}) == []
        found = await read_traits(session, other)
        assert found is not None
        assert set(found.grants()) == set(wanted.grants())
        assert (found.owner, found.connection_limit, found.comment) == (role, 17, "it's \\ the shop")
        assert found.settings == wanted.settings
    assert wanted.roles() == {role, "postgres"}
    assert Grant("postgres", "CONNECT", grantable=True) in wanted.grants()
    assert Grant(role, "TEMPORARY", grantable=False) not in wanted.grants()


async def test_what_needs_an_absent_role_or_an_unknown_setting_is_left_out_and_named(
    session: Session, names: tuple[str, str, str]
) -> None:
    _, other, role = names
    traits = Traits(
        owner="nobody here",
        acl=("=c/postgres", "gone=CT/postgres", f'"{role.replace(chr(34), chr(34) * 2)}"=c*/postgres'),
        settings=(
            *((await read_traits(session, other)) or Traits(None, None)).settings,
            *_settings("gone", "work_mem=1MB"),
            *_settings(None, "no_such_setting=1"),
        ),
    )
    left_out = await apply_traits(session, other, traits, roles={role})
    assert [entry.split(" (")[0] for entry in left_out] == [
        "settings of the role gone",
        "the setting no_such_setting",
        "the owner nobody here",
        "CREATE for the role gone",
        "TEMPORARY for the role gone",
    ]
    found = await read_traits(session, other)
    assert found is not None
    assert Grant(role, "CONNECT", grantable=True) in found.grants()


async def test_a_locale_that_the_server_lacks_is_replaced_and_named(session: Session) -> None:
    name = f"odd {secrets.token_hex(4)}"
    shape = Shape("UTF8", "xx_XX.utf8", "xx_XX.utf8")
    try:
        assert await create_database(session, name, shape, server_major=15) == "the server's own"
    finally:
        await drop_database(session, name)


async def test_an_encoding_that_does_not_fit_the_servers_locale_comes_with_c(session: Session) -> None:
    name = f"latin {secrets.token_hex(4)}"
    shape = Shape("LATIN2", "xx_XX.latin2", "xx_XX.latin2")
    try:
        instead = await create_database(session, name, shape, server_major=15)
        encoding = await session.fetchval(
            "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = $1", name
        )
        assert encoding == "LATIN2"
        assert instead in ("C", "the server's own")  # the latter where the server's locale is C itself
    finally:
        await drop_database(session, name)


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), max_size=5))
def test_lists_of_names_are_read_as_postgresql_writes_them(names: list[str]) -> None:
    assert _elements(", ".join(quoted(name) for name in names)) == names


def _settings(role: str | None, *values: str) -> tuple[RoleSettings, ...]:
    return (RoleSettings(role, values),)
