"""Which parts of an archive come along with some of its tables."""

from collections.abc import Iterable
from hashlib import sha256
from random import Random

import pytest

from app.postgres.archive import (
    ArchiveIndex,
    ArchiveIndexer,
    Entry,
    Section,
    Selection,
    TablesNotInArchive,
    select,
    select_rows,
)

PRE, DATA, POST, NONE = Section.PRE_DATA, Section.DATA, Section.POST_DATA, Section.NONE


def entry(number: int, desc: str, tag: str, section: Section, *needs: int) -> Entry:
    return Entry(number, 1, tag, desc, "app", "owner", section, had_dumper=desc == "TABLE DATA", dependencies=needs)


# As pg_dump wrote them: a table with a serial, one with an identity and a foreign key, partitions, and an heir.
ENTRIES = [
    entry(9, "SCHEMA", "app", PRE),
    entry(2, "EXTENSION", "citext", PRE),
    entry(90, "COMMENT", "EXTENSION citext", NONE, 2),
    entry(47, "TYPE", "mood", PRE, 9),
    entry(42, "FUNCTION", "is_ok(integer)", PRE, 9),
    entry(43, "FUNCTION", "touch()", PRE, 9),
    entry(44, "FUNCTION", "unrelated()", PRE, 9),
    entry(36, "TABLE", "child", PRE, 9),
    entry(91, "COMMENT", "COLUMN child.id", NONE, 36),
    entry(92, "ACL", "TABLE child", NONE, 36),
    entry(35, "SEQUENCE", "child_id_seq", PRE, 36, 9),
    entry(32, "SEQUENCE", "free", PRE, 9),
    entry(34, "TABLE", "parent", PRE, 32, 42, 9, 47),
    entry(33, "SEQUENCE", "parent_id_seq", PRE, 34, 9),
    entry(93, "SEQUENCE OWNED BY", "parent_id_seq", PRE, 33),
    entry(37, "TABLE", "heir", PRE, 34, 9),
    entry(40, "TABLE", "with_citext", PRE, 2, 9),
    entry(21, "TABLE", "days", PRE, 9),
    entry(22, "TABLE", "days_1", PRE, 9, 21),
    entry(23, "TABLE", "days_2", PRE, 9, 21),
    entry(38, "VIEW", "seen", PRE, 36, 9),
    entry(73, "TABLE ATTACH", "days_1", PRE, 22, 21),
    entry(74, "TABLE ATTACH", "days_2", PRE, 23, 21),
    entry(78, "DEFAULT", "parent id", PRE, 34, 33, 34),
    entry(175, "TABLE DATA", "child", DATA, 36),
    entry(173, "TABLE DATA", "parent", DATA, 34),
    entry(176, "TABLE DATA", "heir", DATA, 37),
    entry(162, "TABLE DATA", "days_1", DATA, 22),
    entry(163, "TABLE DATA", "days_2", DATA, 23),
    entry(197, "SEQUENCE SET", "child_id_seq", DATA, 35),
    entry(198, "SEQUENCE SET", "free", DATA, 32),
    entry(199, "SEQUENCE SET", "parent_id_seq", DATA, 33),
    entry(200, "CONSTRAINT", "child child_pkey", POST, 36),
    entry(201, "CONSTRAINT", "parent parent_pkey", POST, 34),
    entry(202, "INDEX", "days_day_idx", POST, 21),
    entry(203, "INDEX", "days_1_day_idx", POST, 22, 202, 22),
    entry(204, "INDEX ATTACH", "days_1_day_idx", POST, 203, 202, 22, 21),
    entry(205, "TRIGGER", "child touch", POST, 43, 36),
    entry(206, "FK CONSTRAINT", "child child_parent_fkey", POST, 201, 36, 34),
    entry(207, "FK CONSTRAINT", "child child_self_fkey", POST, 36, 36, 200),
    entry(208, "POLICY", "child asks_parent", POST, 34, 36),
    entry(209, "PUBLICATION TABLE", "pub child", POST, 36, 210),
]


def chosen(*names: str) -> Selection:
    return select(ENTRIES, [("app", name) for name in names])


def tags(entries: Iterable[Entry]) -> list[str]:
    return [entry.tag for entry in entries]


def test_a_table_comes_with_what_it_needs_and_what_belongs_to_it_and_without_what_needs_other_tables() -> None:
    found = chosen("child")
    taken = [entry.dump_id for entry in ENTRIES if entry.dump_id in found.dump_ids]
    assert taken == [9, 43, 36, 91, 92, 35, 175, 197, 200, 205, 207]
    assert tags(found.needed) == ["app", "touch()"]
    assert [(one.entry.tag, tags(one.missing)) for one in found.left_out] == [
        ("child child_parent_fkey", ["parent"]),
        ("child asks_parent", ["parent"]),
    ]


def test_with_both_tables_nothing_is_left_out() -> None:
    found = chosen("child", "parent")
    assert found.left_out == ()
    assert {206, 208, 78, 33, 93, 199, 32, 198, 42, 47} <= found.dump_ids
    assert not found.dump_ids & {44, 38, 209, 2}
    assert found.names() == {("app", "child"), ("app", "parent")}


def test_an_heir_brings_the_definition_of_what_it_inherits_from_and_none_of_its_rows() -> None:
    found = chosen("heir")
    assert 34 in found.dump_ids
    assert not found.dump_ids & {173, 201}
    assert "parent" in tags(found.needed)


def test_a_partitioned_table_stands_for_its_partitions() -> None:
    found = chosen("days")
    assert tags(found.tables) == ["days", "days_1", "days_2"]
    assert {73, 74, 162, 163, 202, 203, 204} <= found.dump_ids
    assert found.left_out == ()


def test_a_partition_that_is_named_alone_becomes_a_table_of_its_own_with_its_index() -> None:
    found = chosen("days_1")
    assert found.dump_ids == {9, 22, 162, 203}
    assert [one.entry.desc for one in found.left_out] == ["TABLE ATTACH", "INDEX ATTACH"]


def test_an_extension_is_named() -> None:
    found = chosen("with_citext")
    assert (found.extensions, 90 in found.dump_ids) == (["citext"], True)


@pytest.mark.parametrize("name", ["Child", "seen", "free", "nothing"])
def test_only_tables_can_be_chosen_by_their_exact_names(name: str) -> None:
    with pytest.raises(TablesNotInArchive, match=f"no table app.{name}"):
        chosen(name)


def test_rows_are_found_in_archives_of_rows_alone_too() -> None:
    rows = [one for one in ENTRIES if one.section is DATA]
    for entries in (ENTRIES, rows):
        assert tags(select_rows(entries, [("app", "days_1"), ("app", "heir")])) == ["heir", "days_1"]
        assert len(select_rows(entries, None)) == 5
    assert tags(select_rows(ENTRIES, [("app", "days")])) == ["days_1", "days_2"]
    with pytest.raises(TablesNotInArchive):
        select_rows(rows, [("app", "days")])


def test_digests_of_the_header_and_every_block_do_not_depend_on_how_the_archive_came(small: bytes) -> None:
    random, indexer = Random(7), ArchiveIndexer(digests=True)
    position = 0
    while position < len(small):
        size = random.randint(1, 300)
        indexer.feed(small[position : position + size])
        position += size
    whole = ArchiveIndexer(digests=True)
    whole.feed(small)
    index = indexer.finish()
    assert index == whole.finish()
    assert index.header_sha256 == sha256(small[: index.header_length]).hexdigest()
    assert [block.sha256 for block in index.blocks] == [
        sha256(small[block.offset : block.end]).hexdigest() for block in index.blocks
    ]
    kept = ArchiveIndex.from_json(index.as_json())
    assert (kept.blocks, kept.header_sha256, kept.has_digests) == (index.blocks, index.header_sha256, True)
