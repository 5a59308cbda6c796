"""Archives by every client here, into a server of every major here that is not older than the client."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from functools import cache

import pytest
from pydantic import SecretStr

from app.postgres.archive import ArchiveIndexer
from app.postgres.connect import Target, TlsMode
from app.postgres.errors import VersionUnsupported
from app.postgres.phases import Source, restore_in_phases
from app.postgres.restore import Telling, Wish
from app.postgres.toolchain import Toolchain
from tests.postgres.archive.clients import ROOT, Server, client, running_server

WAYS = {15: "1", 16: "gzip:1", 17: "zstd:1", 18: "gzip:1"}


@pytest.fixture(scope="module")
def middle() -> Iterator[Server]:
    with running_server(16) as server:
        yield server


@cache
def toolchain() -> Toolchain:
    client(17)  # brought here when it is not yet
    return asyncio.run(Toolchain.discover(debian_root=ROOT / ".cache" / "trixie"))


@pytest.mark.parametrize("major", WAYS)
async def test_an_archive_is_restored_into_its_own_major_and_every_later_one(
    source: Server, middle: Server, target: Server, major: int
) -> None:
    installations = await asyncio.to_thread(toolchain)
    program = await asyncio.to_thread(client, major)
    archive = program.run("pg_dump", "-Fc", f"-Z{WAYS[major]}", "small", server=source)
    indexer = ArchiveIndexer()
    indexer.feed(archive)
    index = indexer.finish()

    async def read(start: int, end: int) -> AsyncGenerator[bytes]:
        yield archive[start:end]

    for server_major, server in ((15, source), (16, middle), (18, target)):
        if server_major < major:
            with pytest.raises(
                VersionUnsupported, match=f"pg_dump {major} cannot be restored .* {server_major} server"
            ):
                installations.client_for_restore(major, server_major, index.head.compression)
            continue
        chosen = installations.client_for_restore(major, server_major, index.head.compression)
        assert major <= chosen.major <= server_major
        database = f"majors_{major}_{server_major}"
        server.query(f"CREATE DATABASE {database}")
        await restore_in_phases(
            Source(index, archive[: index.header_length], read),
            Target(str(server.folder), 5432, "postgres", SecretStr("none"), database, TlsMode.DISABLE),
            chosen,
            Wish(owners=False),
            readers=2,
            server_major=server_major,
            application_name="majors",
            run_as=None,
            telling=Telling(lambda _: None, lambda _: None, lambda *_: None),
        )
        for query in ("SELECT * FROM one", "SELECT * FROM two ORDER BY 1", "SELECT lo_get(900001)"):
            assert server.query(query, database=database) == source.query(query, database="small")
