"""Header and chosen blocks, piped to the real pg_restore, restore what was chosen and nothing else."""

from collections.abc import Collection, Iterable
from pathlib import Path

import pytest

from app.postgres.archive import ArchiveIndex, ArchiveIndexer, Section, mini_archive_ranges
from tests.postgres.archive.clients import Client, Server, client

WAYS = [(15, "1"), (16, "gzip:1"), (17, "zstd:1"), (17, "lz4"), (18, "none")]
CHOSEN = [("shop", "customer"), ("shop", "purchase_2024"), ('Bücherei "Süd"', "two\nlines")]


@pytest.mark.parametrize(("major", "level"), WAYS)
def test_a_mini_archive_restores_exactly_the_chosen_tables(
    source: Server, target: Server, tmp_path: Path, major: int, level: str
) -> None:
    program, database = client(major), f"tables_{major}_{level.partition(':')[0]}"
    archive, index = dumped(program, level, source)
    target.query(f"CREATE DATABASE {database}")
    header = archive[: index.header_length]
    program.run("pg_restore", "-e", "--section=pre-data", "-d", database, server=target, stdin=header)

    dump_ids = [table.dump_id for table in index.tables() if (table.schema, table.name) in CHOSEN]
    restore(program, pieces(archive, index, dump_ids), dump_ids, into=(target, database), scratch=tmp_path)

    expected = {name: rows if name in CHOSEN else 0 for name, rows in counts(index, source, "sample").items()}
    assert counts(index, target, database) == expected
    assert sum(expected.values()) > 10_000


@pytest.mark.parametrize(("major", "level"), WAYS)
def test_a_mini_archive_restores_the_large_objects(
    source: Server, target: Server, tmp_path: Path, major: int, level: str
) -> None:
    program, database = client(major), f"objects_{major}_{level.partition(':')[0]}"
    archive, index = dumped(program, level, source)
    target.query(f"CREATE DATABASE {database}")
    header = archive[: index.header_length]
    program.run("pg_restore", "-e", "--section=pre-data", "-d", database, server=target, stdin=header)

    blobs = [block.dump_id for block in index.blobs()]
    # Since client 17 the objects themselves are made by entries of the data section that have no block.
    made = [entry.dump_id for entry in index.entries if entry.desc == "BLOB METADATA" and entry.section is Section.DATA]
    restore(program, pieces(archive, index, blobs), [*made, *blobs], into=(target, database), scratch=tmp_path)

    sums = "SELECT oid, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY oid"
    assert target.query(sums, database=database) == source.query(sums, database="sample")


def test_ranges_that_touch_are_one_and_stand_in_the_order_of_the_archive(source: Server) -> None:
    archive, index = dumped(client(15), "1", source)
    first, second, third, fourth = index.blocks[:4]

    assert mini_archive_ranges(index, []) == [(0, index.header_length)]
    assert mini_archive_ranges(index, [second.dump_id, first.dump_id]) == [(0, second.end)]
    assert mini_archive_ranges(index, [fourth.dump_id, second.dump_id]) == [
        (0, index.header_length),
        (second.offset, third.offset),
        (fourth.offset, fourth.end),
    ]
    assert mini_archive_ranges(index, {block.dump_id for block in index.blocks}) == [(0, len(archive))]


def test_an_entry_without_data_has_no_range(source: Server) -> None:
    _archive, index = dumped(client(15), "1", source)
    table = next(entry for entry in index.entries if entry.desc == "TABLE")
    with pytest.raises(KeyError, match=str(table.dump_id)):
        mini_archive_ranges(index, [table.dump_id, index.blocks[0].dump_id])


def dumped(program: Client, level: str, source: Server) -> tuple[bytes, ArchiveIndex]:
    archive = program.run("pg_dump", "-Fc", f"-Z{level}", "sample", server=source)
    indexer = ArchiveIndexer()
    indexer.feed(archive)
    return archive, indexer.finish()


def pieces(archive: bytes, index: ArchiveIndex, dump_ids: Collection[int]) -> bytes:
    return b"".join(archive[start:end] for start, end in mini_archive_ranges(index, dump_ids))


def restore(
    program: Client, archive: bytes, entries: Iterable[int], *, into: tuple[Server, str], scratch: Path
) -> None:
    """A list makes pg_restore take the entries in the list's order, so that must be the archive's."""
    wanted = scratch / "wanted.list"
    wanted.write_text("".join(f"{dump_id};\n" for dump_id in entries))
    server, database = into
    program.run("pg_restore", "-e", "-L", str(wanted), "-d", database, server=server, stdin=archive)


def counts(index: ArchiveIndex, server: Server, database: str) -> dict[tuple[str, str], int]:
    return {
        (table.schema, table.name): int(
            server.query(f"SELECT count(*) FROM {quoted(table.schema)}.{quoted(table.name)}", database=database)[0]
        )
        for table in index.tables()
    }


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
