from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres.archive.clients import Server, client, running_server


@pytest.fixture(scope="session")
def source() -> Iterator[Server]:
    """A server of the lowest major, whose database ``sample`` every client can dump."""
    with running_server(15) as server:
        server.query("CREATE DATABASE sample")
        server.query((Path(__file__).parent / "sample.sql").read_text(), database="sample")
        server.query("CREATE DATABASE small")
        server.query(
            "CREATE TABLE one (id integer); INSERT INTO one VALUES (1); CREATE TABLE two (word text);"
            "INSERT INTO two VALUES ('a'), ('b'); SELECT lo_from_bytea(900001, 'object')",
            database="small",
        )
        yield server


@pytest.fixture(scope="session")
def target() -> Iterator[Server]:
    """A server of the highest major, into which every client can restore."""
    with running_server(18) as server:
        server.query("CREATE ROLE librarian; CREATE ROLE reader")
        yield server


@pytest.fixture(scope="session", params=[15, 16, 18])
def small(request: pytest.FixtureRequest, source: Server) -> bytes:
    """An archive of a few kilobytes, one of each version of the format: two tables and a large object."""
    return client(request.param).run("pg_dump", "-Fc", "small", server=source)
