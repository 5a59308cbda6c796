"""Definitions, rows side by side, indexes: from a header and ranges, by the real pg_restore of every major."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from app.postgres.archive import ArchiveDamaged, ArchiveIndex, ArchiveIndexer, Block, BlockKind, entries_of
from app.postgres.connect import Target, TlsMode
from app.postgres.phases import Source, batches, restore_in_phases
from app.postgres.restore import Parts, RestoreFailed, Telling, Wish
from tests.postgres.archive.clients import Server, client
from tests.postgres.archive.test_mini_archives import WAYS, counts, dumped

SCHEMA = """
SELECT n.nspname, c.relname, c.relkind, pg_get_indexdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind <> 't' ORDER BY 1, 2
"""
# Those of NOT NULL are constraints of their own since 18.
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)' AND contype <> 'n' ORDER BY 1, 2
"""
SEQUENCES = "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"
OBJECTS = "SELECT oid, md5(lo_get(oid)), lomacl FROM pg_largeobject_metadata WHERE oid <> 900003 ORDER BY oid"


@dataclass
class Ranges:
    """The archive in memory, read in pieces; what was asked of it is remembered."""

    archive: bytes
    fails_at: int | None = None
    asked: list[tuple[int, int]] = field(default_factory=list)

    async def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        self.asked.append((start, end))
        for at in range(start, end, 100_000):
            if self.fails_at is not None and at >= self.fails_at:
                raise ArchiveDamaged("this part is not what was written")
            yield self.archive[at : min(at + 100_000, end)]


@pytest.mark.parametrize(("major", "level"), WAYS)
async def test_all_of_an_archive_is_restored_by_two_readers(
    source: Server, target: Server, major: int, level: str
) -> None:
    database = f"phases_{major}_{level.partition(':')[0]}"
    ranges, index, told, loaded = await restored(source, target, database, major, level, Wish(owners=False))

    assert told == []
    assert sorted(loaded) == sorted(block.dump_id for block in index.blocks)
    assert sum(end - start for start, end in ranges.asked) == index.size_bytes - index.header_length
    assert counts(index, target, database) == counts(index, source, "sample")
    for query in (SCHEMA, CONSTRAINTS, SEQUENCES, OBJECTS):
        assert target.query(query, database=database) == source.query(query, database="sample")


async def test_definitions_alone_read_nothing_behind_the_header(source: Server, target: Server) -> None:
    wish = Wish(parts=Parts.SCHEMA, owners=False)
    ranges, index, _, loaded = await restored(source, target, "phases_schema", 15, "1", wish)
    assert (ranges.asked, loaded) == ([], [])
    assert set(counts(index, target, "phases_schema").values()) == {0}
    assert target.query(SCHEMA, database="phases_schema") == source.query(SCHEMA, database="sample")


async def test_a_part_that_is_not_right_ends_all_readers(source: Server, target: Server) -> None:
    with pytest.raises(ArchiveDamaged, match="not what was written"):
        await restored(source, target, "phases_damaged", 15, "1", Wish(owners=False), fails_in_the_middle=True)
    assert target.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'phases'") == ["0"]


async def test_what_the_server_refuses_is_named(source: Server, target: Server) -> None:
    target.query("CREATE DATABASE phases_taken")
    target.query("CREATE SCHEMA shop; CREATE TABLE shop.customer (other int)", database="phases_taken")
    with pytest.raises(RestoreFailed, match='schema "shop" already exists'):
        await restored(source, target, "phases_taken", 15, "1", Wish(owners=False), create=False)


def test_the_table_of_contents_is_read_from_the_header_alone(source: Server) -> None:
    archive, index = dumped(client(15), "1", source)
    assert entries_of(archive[: index.header_length]) == index.entries
    with pytest.raises(ArchiveDamaged, match="ends early"):
        entries_of(archive[: index.header_length - 1])


def test_batches_hold_every_block_once_in_the_archives_order_and_the_largest_come_first(source: Server) -> None:
    _, index = dumped(client(15), "1", source)
    blocks = [Block(number, number * 10, 10 if number % 50 else 5_000, BlockKind.DATA) for number in range(1, 500)]
    index = ArchiveIndex(index.head, index.header_length, (), tuple(blocks))
    found = batches(index, 2)
    assert sorted(dump_id for batch in found for dump_id in batch.dump_ids) == [block.dump_id for block in blocks]
    assert all(list(batch.dump_ids) == sorted(batch.dump_ids) for batch in found)
    assert [batch.bytes for batch in found] == sorted((batch.bytes for batch in found), reverse=True)
    assert len(found) <= 2 * 2 * 8


async def restored(
    source: Server,
    target: Server,
    database: str,
    major: int,
    level: str,
    wish: Wish,
    *,
    create: bool = True,
    fails_in_the_middle: bool = False,
) -> tuple[Ranges, ArchiveIndex, list[str], list[int]]:
    program = await asyncio.to_thread(client, major)  # it looks for the programs with a loop of its own
    archive = program.run("pg_dump", "-Fc", f"-Z{level}", "sample", server=source)
    indexer = ArchiveIndexer()
    indexer.feed(archive)
    index = indexer.finish()
    if create:
        target.query(f"CREATE DATABASE {database}")
    ranges = Ranges(archive, fails_at=len(archive) // 2 if fails_in_the_middle else None)
    loaded: list[int] = []
    told = await restore_in_phases(
        Source(index, archive[: index.header_length], ranges.read),
        Target(str(target.folder), 5432, "postgres", SecretStr("none"), database, TlsMode.DISABLE),
        program.installation,
        wish,
        readers=2,
        server_major=18,
        application_name="phases",
        run_as=None,
        telling=Telling(lambda _: None, lambda _: None, lambda *_: None),
        loaded=loaded.extend,
    )
    return ranges, index, told, loaded
