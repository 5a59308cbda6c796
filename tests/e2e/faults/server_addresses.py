"""A server that is not where, or not what, the caller says: known when it is adopted, and at once."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

from pydantic import SecretStr

from app.postgres.certificates import issue_root
from app.postgres.cluster import free_port
from app.postgres.connect import Target, TlsMode
from app.postgres.connection_string import connection_string
from tests.e2e.faults import fault
from tests.e2e.faults.server_road import Road, silence, speaks_http, without_tls
from tests.e2e.world import World


@fault
async def adopting_with_a_wrong_password_is_refused(world: World) -> None:
    wrong = world.secrets["a wrong password"] = "planted-wrong"
    problem = await adopting(world, replace(world.target, password=SecretStr(wrong)))
    said(problem, 422, "AUTHENTICATION_FAILED", world.target.user, retryable=False)


@fault
async def adopting_a_logical_database_that_is_not_there_is_refused(world: World) -> None:
    problem = await adopting(world, replace(world.target, database="no such one"))
    said(problem, 422, "DATABASE_ABSENT", "'no such one'", retryable=False)


@fault
async def adopting_a_host_whose_name_does_not_resolve_is_refused(world: World) -> None:
    problem = await adopting(world, replace(world.target, host="no-such-host.invalid"))
    said(problem, 503, "DATABASE_UNREACHABLE", "could not be resolved", retryable=True)


@fault
async def adopting_an_address_that_refuses_connections_is_refused(world: World) -> None:
    port = await asyncio.to_thread(free_port, 30_000, 31_000)
    problem = await adopting(world, replace(world.target, port=port))
    said(problem, 503, "DATABASE_UNREACHABLE", f"127.0.0.1:{port} refused the connection", retryable=True)


@fault
async def adopting_a_port_that_accepts_and_says_nothing_is_refused_in_seconds(world: World) -> None:
    async with Road.to(world.target) as road:
        await road.leads(silence)
        problem = await adopting(world, road.target())
    said(problem, 503, "DATABASE_UNREACHABLE", "did not answer in time", retryable=True)


@fault
async def adopting_a_port_that_speaks_http_is_refused_whatever_the_tls_mode(world: World) -> None:
    async with Road.to(world.target) as road:
        await road.leads(speaks_http)
        problem = await adopting(world, road.target(TlsMode.PREFER))
        said(problem, 503, "DATABASE_UNREACHABLE", "no PostgreSQL server", retryable=True)
        problem = await adopting(world, road.target(TlsMode.REQUIRE))
        said(problem, 422, "TLS_FAILED", "no PostgreSQL server", retryable=False)


@fault
async def adopting_with_tls_a_server_that_has_none_is_refused(world: World) -> None:
    async with Road.to(world.target) as road:
        await road.leads(without_tls)
        for mode in (TlsMode.REQUIRE, TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL):
            problem = await adopting(world, road.target(mode))
            said(problem, 422, "TLS_FAILED", "offers no TLS", retryable=False)


@fault
async def adopting_with_a_root_that_did_not_sign_the_certificate_is_refused(world: World) -> None:
    another = issue_root("another root").certificate_pem.decode()
    problem = await adopting(world, replace(world.target, tls=TlsMode.VERIFY_FULL, ca_pem=another))
    said(problem, 422, "TLS_FAILED", "is not trusted", retryable=False)


@fault
async def adopting_under_a_host_name_that_the_certificate_lacks_is_refused(world: World) -> None:
    async with Road.to(world.target, host="127.0.0.2") as road:
        problem = await adopting(world, road.target(TlsMode.VERIFY_FULL))
    said(problem, 422, "TLS_FAILED", "127.0.0.2", retryable=False)


async def adopting(world: World, target: Target) -> dict[str, Any]:
    """The problem document, after which no database is there and nothing of the password is told."""
    name = f"theirs-{uuid4().hex[:8]}"
    wish = {
        "provider": "external",
        "project_id": world.project,
        "name": name,
        "connection_string": connection_string(target, reveal=True),
        "ca_pem": target.ca_pem,
    }
    answer = await world.client.post("/v1/databases", json=wish, headers={"Idempotency-Key": uuid4().hex})
    assert answer.is_error, answer.text
    assert target.password.get_secret_value() not in answer.text
    found = await world.get("/v1/databases")
    assert name not in [database["name"] for database in found["data"]]
    problem: dict[str, Any] = answer.json()
    return problem


def said(problem: dict[str, Any], status: int, code: str, words: str, *, retryable: bool) -> None:
    assert (problem["status"], problem["code"], problem["retryable"]) == (status, code, retryable), problem
    assert words in problem["detail"], problem
