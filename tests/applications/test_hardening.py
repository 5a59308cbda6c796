"""An application that ceases to be the superuser, on a real server."""

from dataclasses import replace
from urllib.parse import quote
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from app.applications.steps.harden import HardenSteps
from app.auth.scopes import Scope
from app.connections.models import LoginState
from app.postgres.connect import Session
from app.postgres.identifiers import quoted
from tests.applications.conftest import Killed, Shop, working
from tests.applications.every_kind import KINDS, SCHEMA
from tests.control import KeyFactory, bearer
from tests.databases.records import add_database
from tests.sessions import connect


async def settings_of(session: Session) -> set[str]:
    """Of the login. Those of the session itself are what our own way to connect asks for."""
    return set(await session.fetchval("SELECT rolconfig FROM pg_roles WHERE rolname = session_user"))


@pytest.mark.usefixtures("worker")
async def test_the_application_does_its_work_and_its_migrations_and_nothing_of_a_superuser(shop: Shop) -> None:
    result = await shop.hardened()
    assert result["role"] == f"{shop.name}_a"
    assert result["handed_over"] == {"table": 1}
    async with shop.application() as session:
        await session.execute("INSERT INTO customer (name) VALUES ('Ada')")
        await session.execute('CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, "checksum" text NOT NULL)')
        await session.execute("ALTER TABLE customer ADD COLUMN email text; CREATE INDEX ON customer (email)")
        await session.execute(
            "CREATE SCHEMA billing; CREATE TABLE billing.invoice (id int); DROP TABLE billing.invoice"
        )
        await session.execute("CREATE EXTENSION citext")
        owners = await session.fetch(
            "SELECT relname, pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relname = ANY ($1)",
            ["customer", "customer_id_seq", "customer_email_idx", "_prisma_migrations"],
        )
        assert {row["relname"]: row["owner"] for row in owners} == dict.fromkeys(
            ["customer", "customer_id_seq", "customer_email_idx", "_prisma_migrations"], f"{shop.name}_owner"
        )
        for statement in (
            "COPY customer TO PROGRAM 'true'",
            "SELECT rolpassword FROM pg_authid",
            "CREATE ROLE another",
            "SELECT pg_read_file('PG_VERSION')",
            "ALTER SYSTEM SET work_mem = '1GB'",
            "CREATE EXTENSION file_fdw",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await session.execute(statement)
        assert await settings_of(session) == {
            f"role={shop.name}_owner",
            "statement_timeout=30s",
            "lock_timeout=5s",
            "idle_in_transaction_session_timeout=60s",
        }


@pytest.mark.usefixtures("worker")
async def test_an_object_of_every_kind_is_handed_over_and_what_stays_is_told(shop: Shop) -> None:
    async with shop.superuser() as session:
        await session.execute(f"DROP TABLE customer; {SCHEMA}")
    plan = (await shop.harden(query="?dry_run=true"))["plan"]
    assert {one["kind"]: one["count"] for one in plan["objects"]} == KINDS
    told = " ".join(plan["warnings"])
    for what in ("the event trigger watch", "the foreign server elsewhere", "secret()", "postgres_fdw"):
        assert what in told
    assert (await shop.hardened())["handed_over"] == KINDS
    async with shop.application() as session:
        await session.execute("INSERT INTO customer (name) VALUES ('Ada'); REFRESH MATERIALIZED VIEW totals")
        assert await session.fetchval("SELECT name FROM more_names") == "Ada"
        assert await session.fetchval("SELECT secret()") == f"{shop.name}_owner"
        await session.execute('DROP SCHEMA "Sales ""2"" x" CASCADE; SELECT lo_unlink(4711)')
        await session.execute(
            "ALTER TYPE mood ADD VALUE 'happy'; DROP TABLE event; ALTER TABLE customer DROP COLUMN number"
        )


async def test_a_dry_run_shows_every_statement_and_writes_nothing(shop: Shop, admin: Session) -> None:
    async with connect(shop.target, application_name="web"):
        plan = (await shop.harden(query="?dry_run=true"))["plan"]
    assert "1 of web" in " ".join(plan["warnings"])
    owner = quoted(f"{shop.name}_owner")
    assert plan["statements"][0] == f"CREATE ROLE {owner} NOLOGIN"
    assert "PASSWORD '***'" in plan["statements"][1]
    assert "REVOKE CREATE ON SCHEMA public FROM PUBLIC" in plan["statements"]
    assert plan["statements"][-1] == f"ALTER TABLE public.customer OWNER TO {owner}"
    assert (plan["owner_role"], plan["logins"]) == (f"{shop.name}_owner", [f"{shop.name}_a", f"{shop.name}_b"])
    assert "connection-strings" in plan["warnings"][-1]
    assert await admin.fetchval("SELECT count(*) FROM pg_roles WHERE starts_with(rolname, $1)", shop.name) == 0
    assert (await shop.call("GET", "/applications", expect=200))["data"] == []


@pytest.mark.usefixtures("worker")
async def test_a_second_time_hands_over_what_was_made_since_and_changes_no_password(shop: Shop) -> None:
    await shop.hardened(timeouts={"statement_timeout_seconds": 7})
    before = await shop.current()
    async with shop.superuser() as session:
        await session.execute("CREATE TABLE later (id int)")
        await session.execute(f"ALTER ROLE {quoted(before.user)} RESET ALL")
    async with shop.application() as session:
        await session.execute("RESET ROLE; SELECT * FROM later")  # by default privileges, before it is handed over
    assert (await shop.hardened())["handed_over"] == {"table": 1}
    assert await shop.current() == before
    async with shop.application() as session:
        await session.execute("DROP TABLE later")
        assert "statement_timeout=7s" in await settings_of(session)
    view = await shop.call("GET", f"/applications/{quote(shop.name)}", expect=200)
    assert view["timeouts"]["statement_timeout_seconds"] == 7
    refused = await shop.harden(logical_database="postgres", expect=409)
    assert (refused["code"], refused["logical_database"]) == ("APPLICATION_ELSEWHERE", shop.target.database)


@pytest.mark.usefixtures("worker")
async def test_only_the_schemas_that_are_named_are_handed_over(shop: Shop) -> None:
    async with shop.superuser() as session:
        await session.execute("CREATE SCHEMA one; CREATE TABLE one.t (); CREATE SCHEMA two; CREATE TABLE two.t ()")
        await session.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    assert (await shop.hardened(schemas=["one"]))["handed_over"] == {"schema": 1, "table": 1}
    assert await shop.left_with_superuser() == 1
    async with shop.application() as session:
        await session.execute("DROP TABLE one.t; CREATE TABLE public.still_allowed ()")
    refused = await shop.harden(schemas=["one", "nowhere"], expect=422)
    assert (refused["code"], refused["schemas"]) == ("SCHEMA_MISSING", ["nowhere"])


@pytest.mark.usefixtures("worker")
async def test_what_the_superuser_grants_on_future_tables_the_owner_grants_as_well(shop: Shop, admin: Session) -> None:
    reader = f"{shop.name}_reader"
    await admin.execute(f"CREATE ROLE {quoted(reader)}")
    async with shop.superuser() as session:
        await session.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {quoted(reader)}")
    await shop.hardened()
    async with shop.application() as session:
        await session.execute("CREATE TABLE fresh (id int)")
        assert await session.fetchval("SELECT has_table_privilege($1, 'fresh', 'SELECT')", reader)


async def test_what_the_pooler_asks_stays_ours(shop: Shop) -> None:
    async with shop.superuser() as session:
        await session.execute(
            "CREATE SCHEMA pgm_pooler; CREATE TABLE pgm_pooler.t ();"
            " CREATE FUNCTION pgm_pooler.login_of(text) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'"
        )
    plan = (await shop.harden(query="?dry_run=true"))["plan"]
    read = await shop.call("PUT", f"/roles/{shop.name}_reader?dry_run=true", {"preset": "read"}, expect=201)
    assert 'SELECT ON ALL TABLES IN SCHEMA "public"' in " ".join(one["sql"] for one in read["statements"])
    assert "pgm_pooler" not in f"{plan} {read}"


async def test_roles_of_somebody_else_are_left_alone(shop: Shop, admin: Session) -> None:
    await admin.execute(f"CREATE ROLE {quoted(f'{shop.name}_b')}")
    refused = await shop.harden(expect=409)
    assert (refused["code"], refused["roles"]) == ("ROLES_TAKEN", [f"{shop.name}_b"])


async def test_killed_behind_one_step_after_the_other_it_comes_to_the_same_end(
    shop: Shop, killed_behind: Killed
) -> None:
    accepted = await shop.harden()
    for step in ("begin", "make", "hand", "prove"):
        await killed_behind(HardenSteps, step)
    job = await shop.ended_by_another(accepted)
    assert (job["state"], job["result"]["handed_over"]) == ("succeeded", {"table": 1}), job["error"]
    assert [login.state for login in await shop.logins()] == [LoginState.CURRENT, LoginState.DISABLED]
    assert await shop.left_with_superuser() == 0
    async with shop.application() as session:
        await session.execute("DROP TABLE customer")


async def test_cancelled_before_the_server_has_anything_it_leaves_nothing(shop: Shop, killed_behind: Killed) -> None:
    accepted = await shop.harden()
    await killed_behind(HardenSteps, "begin")
    await shop.client.post(f"{accepted['job']['links']['self']}:cancel", headers=shop.headers)
    assert (await shop.ended_by_another(accepted))["state"] == "cancelled"
    assert (await shop.call("GET", "/applications", expect=200))["data"] == []


async def test_cancelled_later_it_is_finished_by_the_same_request(shop: Shop, killed_behind: Killed) -> None:
    accepted = await shop.harden()
    await killed_behind(HardenSteps, "make")
    await shop.client.post(f"{accepted['job']['links']['self']}:cancel", headers=shop.headers)
    job = await shop.ended_by_another(accepted)
    assert job["state"] == "cancelled"
    assert "send the request again" in job["warnings"][0]
    view = await shop.call("GET", f"/applications/{quote(shop.name)}", expect=200)
    assert (view["ready"], view["logins"][0]["state"]) == (False, "pending")
    async with working(shop.runtime):
        await shop.hardened()
    async with shop.application() as session:
        await session.execute("DROP TABLE customer")


@pytest.mark.usefixtures("worker")
async def test_whoever_is_no_superuser_is_told_what_is_missing_and_does_it_with_that(
    shop: Shop, admin: Session, project_id: UUID
) -> None:
    boss = quoted(f"{shop.name}_boss")
    await admin.execute(f"CREATE ROLE {boss} LOGIN PASSWORD 'a long enough password'")
    login = replace(shop.target, user=f"{shop.name}_boss", password=SecretStr("a long enough password"))
    database = await add_database(shop.runtime, project_id, "theirs", target=login, provider="external")
    theirs = replace(shop, database=database)
    refused = await theirs.harden(expect=409)
    assert refused["code"] == "PRIVILEGE_MISSING"
    assert refused["missing"] == [
        "CREATEROLE",
        f"the ownership of the database {shop.target.database!r}",
        "the ownership of the schema public",
    ]
    await admin.execute(f"ALTER ROLE {boss} CREATEROLE; ALTER DATABASE {shop.target.database} OWNER TO {boss}")
    async with connect(login, application_name="test") as session:
        await session.execute("CREATE SCHEMA theirs; CREATE TABLE theirs.t (); CREATE VIEW theirs.v AS TABLE theirs.t")
    assert (await theirs.hardened())["handed_over"] == {"schema": 1, "table": 1, "view": 1}
    async with theirs.application() as session:
        await session.execute("DROP SCHEMA theirs CASCADE; CREATE TABLE own (id int)")
    await admin.execute(
        f"DROP OWNED BY {quoted(f'{shop.name}_owner')} CASCADE; ALTER DATABASE {shop.target.database} OWNER TO postgres"
    )


@pytest.mark.usefixtures("worker")
async def test_its_sessions_are_counted_and_its_passwords_never_shown(shop: Shop) -> None:
    await shop.hardened()
    async with shop.application():
        view = await shop.call("GET", f"/applications/{quote(shop.name)}", expect=200)
    assert [(one["state"], one["sessions"]) for one in view["logins"]] == [("current", 1), ("disabled", 0)]
    assert view["ready"]
    listed = (await shop.call("GET", "/applications", expect=200))["data"]
    assert [one["logins"][0]["sessions"] for one in listed] == [None]
    assert (await shop.call("GET", "/applications/nobody", expect=404))["code"] == "NOT_FOUND"


async def test_it_takes_the_scope_and_the_project(shop: Shop, key_factory: KeyFactory) -> None:
    for scopes, projects, status in (
        ([Scope.ROLES_READ], None, 403),
        ([Scope.ROLES_WRITE], [uuid4()], 404),
        ([Scope.ROLES_WRITE], None, 202),  # there is no consumer to move: that would take connections:write
    ):
        caller = replace(shop, headers=bearer(await key_factory(*scopes, projects=projects)))
        await caller.harden(query="?dry_run=true", expect=status)
