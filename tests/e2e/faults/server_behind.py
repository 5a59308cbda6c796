"""A server that was adopted well, and changed behind the service's back before a backup was asked for."""

from dataclasses import replace

from pydantic import SecretStr

from app.postgres.connect import TlsMode
from tests.e2e.faults import fault
from tests.e2e.faults.server_road import (
    IMPOSSIBLE_MAJOR,
    Road,
    another_certificate,
    silence,
    speaks_http,
    without_tls,
)
from tests.e2e.faults.server_side import adopted, back_up, login, refused, taken, troubled
from tests.e2e.world import World


@fault
async def a_password_changed_behind_our_back_fails_the_backup_at_once(world: World) -> None:
    async with login(world, "planted-before") as user:
        target = replace(world.target, user=user, password=SecretStr("planted-before"))
        async with adopted(world, target) as database:
            await world.execute(f"ALTER ROLE {user} PASSWORD 'planted-after'")
            problem = await refused(world, await back_up(world, database), "AUTHENTICATION_FAILED", retryable=False)
            assert f"refused the password of '{user}'" in problem["detail"]
            assert "planted" not in str(problem)


@fault
async def a_role_that_may_no_longer_log_in_behind_our_back_fails_the_backup_at_once(world: World) -> None:
    async with login(world, "planted-before") as user:
        target = replace(world.target, user=user, password=SecretStr("planted-before"))
        async with adopted(world, target) as database:
            await world.execute(f"ALTER ROLE {user} NOLOGIN")
            problem = await refused(world, await back_up(world, database), "AUTHENTICATION_FAILED", retryable=False)
            assert user in problem["detail"]


@fault
async def an_address_that_refuses_for_a_while_costs_the_backup_a_retry(world: World) -> None:
    async with Road.to(world.target) as road, adopted(world, road.target()) as database:
        await road.closed()
        accepted = await back_up(world, database)
        problem = await troubled(world, accepted["job"])
        assert (problem["code"], problem["retryable"]) == ("DATABASE_UNREACHABLE", True)
        assert f"127.0.0.1:{road.port} refused the connection" in problem["detail"]
        await road.leads(road.straight)
        await taken(world, accepted)


@fault
async def an_address_that_refuses_for_good_fails_the_backup_as_worth_a_retry(world: World) -> None:
    async with Road.to(world.target) as road, adopted(world, road.target()) as database:
        await road.closed()
        accepted = await back_up(world, database)
        problem = await refused(world, accepted, "DATABASE_UNREACHABLE", retryable=True)
        assert f"127.0.0.1:{road.port} refused the connection" in problem["detail"]
        await road.leads(road.straight)
        retry = await world.post(f"/v1/jobs/{accepted['job']['id']}:retry", expect=202)
        await world.succeeded(retry)


@fault
async def a_server_that_falls_silent_costs_the_backup_a_retry(world: World) -> None:
    async with Road.to(world.target) as road, adopted(world, road.target()) as database:
        await road.leads(silence)
        accepted = await back_up(world, database)
        problem = await troubled(world, accepted["job"])
        assert (problem["code"], problem["retryable"]) == ("DATABASE_UNREACHABLE", True)
        assert "did not answer in time" in problem["detail"]
        await road.leads(road.straight)
        await taken(world, accepted)


@fault
async def another_program_on_the_port_fails_the_backup(world: World) -> None:
    async with Road.to(world.target) as road, adopted(world, road.target(TlsMode.PREFER)) as database:
        await road.leads(speaks_http)
        problem = await refused(world, await back_up(world, database), "DATABASE_UNREACHABLE", retryable=True)
        assert "no PostgreSQL server" in problem["detail"]
        await road.leads(road.straight)


@fault
async def tls_turned_off_behind_our_back_fails_the_backup_at_once(world: World) -> None:
    async with Road.to(world.target) as road, adopted(world, road.target(TlsMode.REQUIRE)) as database:
        await road.leads(without_tls)
        problem = await refused(world, await back_up(world, database), "TLS_FAILED", retryable=False)
        assert "offers no TLS" in problem["detail"]
        await road.leads(road.straight)


@fault
async def another_certificate_behind_our_back_fails_the_backup_at_once(world: World) -> None:
    async with Road.to(world.target) as road, adopted(world, road.target(TlsMode.VERIFY_FULL)) as database:
        await road.leads(another_certificate)
        problem = await refused(world, await back_up(world, database), "TLS_FAILED", retryable=False)
        assert "is not trusted" in problem["detail"]
        await road.leads(road.straight)
        await taken(world, await back_up(world, database))


@fault
async def a_server_newer_than_every_client_here_fails_the_backup_by_naming_the_package(world: World) -> None:
    """No such server exists to be run, so a real one says that it is of that major, to us and to pg_dump alike."""
    async with Road.to(world.target) as road, adopted(world, road.target(TlsMode.DISABLE)) as database:
        await road.leads(road.newer)
        problem = await refused(world, await back_up(world, database), "TOOLCHAIN_MISSING", retryable=False)
        assert problem["package"] == f"postgresql-client-{IMPOSSIBLE_MAJOR}"
        assert f"dump a PostgreSQL {IMPOSSIBLE_MAJOR} server" in problem["detail"]
        await road.leads(road.straight)
