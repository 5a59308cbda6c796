"""Owners written into a table of contents are what the real pg_restore gives objects to."""

from dataclasses import replace

import pytest

from app.postgres.archive import ArchiveDamaged, ArchiveIndex, ArchiveIndexer
from app.postgres.archive.owners import with_owners
from tests.postgres.archive.clients import Server, client

WAYS = [(15, "1"), (16, "gzip:1"), (17, "zstd:1"), (18, "none")]
NEW = 'Nächste "Besitzerin"'


def index_of(archive: bytes) -> ArchiveIndex:
    indexer = ArchiveIndexer()
    indexer.feed(archive)
    return indexer.finish()


@pytest.mark.parametrize(("major", "level"), WAYS)
def test_mapped_owners_are_found_in_the_restored_database_and_the_rest_is_the_restorers(
    source: Server, target: Server, major: int, level: str
) -> None:
    program, database = client(major), f"owners_{major}"
    archive = program.run("pg_dump", "-Fc", f"--compress={level}", "sample", server=source)
    before = index_of(archive)
    header = with_owners(archive[: before.header_length], {"librarian": NEW}.get)
    rewritten = header + archive[before.header_length :]

    after = index_of(rewritten)
    assert {entry.owner for entry in before.entries} >= {"librarian", "postgres"}
    expected = [
        replace(entry, owner=NEW if entry.owner == "librarian" else entry.owner and "") for entry in before.entries
    ]
    assert [replace(entry, owner=entry.owner or None) for entry in after.entries] == [
        replace(entry, owner=entry.owner or None) for entry in expected
    ]

    target.query(f'CREATE DATABASE {database}; CREATE ROLE "Nächste ""Besitzerin""" NOLOGIN')
    try:
        program.run("pg_restore", "-e", "--no-privileges", "-d", database, server=target, stdin=rewritten)
        owners = set(
            target.query(
                "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE oid >= 16384 "
                "UNION SELECT DISTINCT pg_get_userbyid(lomowner) FROM pg_largeobject_metadata",
                database=database,
            )
        )
        assert owners == {NEW, "postgres"}
    finally:
        target.query(f'DROP DATABASE {database}; DROP ROLE "Nächste ""Besitzerin"""')


def test_the_same_owners_give_the_same_bytes(small: bytes) -> None:
    header = small[: index_of(small).header_length]
    assert with_owners(header, lambda owner: owner) == header


def test_a_damaged_header_is_not_rewritten(small: bytes) -> None:
    with pytest.raises(ArchiveDamaged):
        with_owners(b"NOT" + small[3:], lambda owner: owner)
