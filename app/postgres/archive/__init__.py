"""The block index of a ``pg_dump -Fc`` archive, made while the archive streams by. Pure: no I/O here."""

from app.postgres.archive.errors import ArchiveDamaged, ArchiveVersionUnknown
from app.postgres.archive.index import (
    ArchiveHead,
    ArchiveIndex,
    Block,
    BlockKind,
    Compression,
    Entry,
    Section,
    TableData,
    mini_archive_ranges,
)
from app.postgres.archive.indexer import ArchiveIndexer
from app.postgres.archive.owners import with_owners
from app.postgres.archive.selection import Selection, TablesNotInArchive, by_section, select, select_rows
from app.postgres.archive.toc import entries_of

__all__ = [
    "ArchiveDamaged",
    "ArchiveHead",
    "ArchiveIndex",
    "ArchiveIndexer",
    "ArchiveVersionUnknown",
    "Block",
    "BlockKind",
    "Compression",
    "Entry",
    "Section",
    "Selection",
    "TableData",
    "TablesNotInArchive",
    "by_section",
    "entries_of",
    "mini_archive_ranges",
    "select",
    "select_rows",
    "with_owners",
]
