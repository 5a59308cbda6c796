"""Archives of real clients: what is read while they stream is what pg_dump itself records in a file."""

import json
import re
from pathlib import Path
from random import Random

import pytest

from app.postgres.archive import ArchiveIndex, ArchiveIndexer, BlockKind, Compression, Section
from tests.postgres.archive.clients import Server, client

WAYS = [
    (15, "1", Compression.GZIP),
    (15, "0", Compression.NONE),
    (16, "gzip:1", Compression.GZIP),
    (16, "none", Compression.NONE),
    (17, "gzip:1", Compression.GZIP),
    (17, "zstd:1", Compression.ZSTD),
    (17, "lz4", Compression.LZ4),
    (17, "none", Compression.NONE),
    (18, "gzip:1", Compression.GZIP),
    (18, "none", Compression.NONE),
]
VERSIONS = {15: (1, 14, 0), 16: (1, 15, 0), 17: (1, 16, 0), 18: (1, 16, 0)}
each_way = pytest.mark.parametrize(("major", "level", "compression"), WAYS, ids=str)

POSITION = re.compile(r"^-- TOC entry (\d+) \(.*?^-- Data Pos: (\d+)$", re.MULTILINE | re.DOTALL)

TABLES = {
    *(("shop", name) for name in ("customer", "empty", "scratch", "no_columns")),
    *(("shop", f"purchase_{year}") for year in (2023, 2024, 2025)),
    *(('Bücherei "Süd"', name) for name in ("quoted \" and 'quoted'", "two\nlines")),
}


@each_way
def test_a_streamed_archive_has_the_offsets_that_pg_dump_writes_into_a_file(
    source: Server, tmp_path: Path, major: int, level: str, compression: Compression
) -> None:
    program, file = client(major), tmp_path / "archive.dump"
    program.run("pg_dump", "-Fc", f"-Z{level}", "-f", str(file), "sample", server=source)
    script = program.run("pg_restore", "-v", "-f", "-", str(file), server=source).decode()
    recorded = {int(dump_id): int(offset) for dump_id, offset in POSITION.findall(script) if int(offset)}

    indexer = ArchiveIndexer()
    for chunk in program.stream(f"-Z{level}", "sample", server=source, random=Random(level), most=40_000):
        indexer.feed(chunk)
    index = indexer.finish()

    assert {block.dump_id: block.offset for block in index.blocks} == recorded
    assert index.size_bytes == file.stat().st_size
    assert index.head.version == VERSIONS[major]
    assert index.head.compression is compression
    assert (index.head.client_major, index.head.server_major, index.head.database) == (major, 15, "sample")
    assert {(table.schema, table.name) for table in index.tables()} == TABLES
    assert len(index.blobs()) == (1 if major < 17 else 3)
    assert sum(block.length for block in index.blocks) + index.header_length == index.size_bytes

    of_file = index_of(file.read_bytes())
    assert {entry.dump_id: entry.recorded_offset for entry in of_file.entries if entry.had_dumper} == recorded
    assert of_file.blocks == index.blocks


@pytest.mark.parametrize("major", [15, 16, 17, 18])
def test_entries_tell_what_the_archive_says_of_an_object(source: Server, major: int) -> None:
    index = index_of(client(major).run("pg_dump", "-Fc", "sample", server=source))
    by_name = {(entry.desc, entry.namespace, entry.tag): entry for entry in index.entries}

    table, rows = by_name["TABLE", "shop", "customer"], by_name["TABLE DATA", "shop", "customer"]
    assert (table.section, table.owner, table.tableam) == (Section.PRE_DATA, "postgres", "heap")
    assert table.relkind == (None if major < 17 else "r")
    assert (rows.section, rows.oid, rows.had_dumper) == (Section.DATA, table.oid, True)
    assert rows.dependencies == (table.dump_id,)
    assert rows.copy_statement == "COPY shop.customer (id, name) FROM stdin;\n"
    assert by_name["ENCODING", None, "ENCODING"].owner is None
    assert by_name["MATERIALIZED VIEW DATA", "shop", "sums"].had_dumper is False
    assert index.data_block(table.dump_id) is None
    block = index.data_block(rows.dump_id)
    assert block is not None
    assert block.kind is BlockKind.DATA

    listing = client(major).run(
        "pg_restore", "-l", server=source, stdin=client(major).run("pg_dump", "-Fc", "sample", server=source)
    )
    listed = {int(line.split(b";")[0]) for line in listing.splitlines() if line[:1].isdigit()}
    assert listed < {entry.dump_id for entry in index.entries}


@pytest.mark.parametrize("major", [15, 16, 17, 18])
@pytest.mark.parametrize(
    "options", [["-s"], ["-a"], ["--section=post-data"], ["-t", "shop.empty"], ["--inserts"]], ids=str
)
def test_partial_dumps_end_cleanly(source: Server, major: int, options: list[str]) -> None:
    archive = client(major).run("pg_dump", "-Fc", *options, "sample", server=source)
    index = index_of(archive)

    assert index.size_bytes == len(archive)
    assert len(index.tables()) == {"-a": 9, "-t": 1, "--inserts": 9}.get(options[0], 0)


@pytest.mark.parametrize(("encoding", "name"), [("LATIN1", "Größe"), ("WIN1252", "€uro"), ("SQL_ASCII", "Größe")])
def test_names_are_read_in_the_encoding_of_the_dump(source: Server, encoding: str, name: str) -> None:
    database = f"in_{encoding.lower()}"
    source.query(f"CREATE DATABASE {database} ENCODING '{encoding}' TEMPLATE template0")
    source.query(f'SET client_encoding = UTF8; CREATE TABLE "{name}" ()', database=database)
    index = index_of(client(15).run("pg_dump", "-Fc", database, server=source))

    assert [table.name for table in index.tables()] == [name]


def test_bytes_that_are_no_text_in_the_encoding_stay_readable(source: Server) -> None:
    source.query("CREATE DATABASE in_bytes ENCODING 'SQL_ASCII' TEMPLATE template0")
    source.query(
        "DO $$ BEGIN EXECUTE convert_from('\\x435245415445205441424c4520ff2028293b', 'SQL_ASCII'); END $$",
        database="in_bytes",
    )
    index = index_of(client(15).run("pg_dump", "-Fc", "in_bytes", server=source))

    assert [table.name for table in index.tables()] == ["\\xff"]
    assert json.dumps(index.as_json(), ensure_ascii=False).encode()


def index_of(archive: bytes) -> ArchiveIndex:
    indexer = ArchiveIndexer()
    indexer.feed(archive)
    return indexer.finish()
