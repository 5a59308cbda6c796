import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Any, Self


@dataclass(frozen=True)
class ArchiveIndex:
    """Where everything in one archive is.

    The archive is ``header_length`` bytes of head and table of contents, then the blocks, one behind the other and in
    the order of their entries, then nothing: the format has no trailer.
    """

    head: "ArchiveHead"
    header_length: int
    entries: tuple["Entry", ...]
    blocks: tuple["Block", ...]
    header_sha256: str | None = None

    @property
    def has_digests(self) -> bool:
        """Whether parts of the archive can be told from others that were not written: of the header, and every block."""
        return self.header_sha256 is not None

    @property
    def size_bytes(self) -> int:
        return self.blocks[-1].end if self.blocks else self.header_length

    def entry(self, dump_id: int) -> "Entry":
        """Raises KeyError."""
        return self._entries_by_id[dump_id]

    def data_block(self, dump_id: int) -> "Block | None":
        """None for an entry that is only a definition."""
        return self._blocks_by_id.get(dump_id)

    def tables(self) -> tuple["TableData", ...]:
        """Every table whose rows are in the archive, empty ones and single partitions included."""
        pairs = ((self.entry(block.dump_id), block) for block in self.blocks)
        return tuple(
            TableData(entry.namespace or "", entry.tag, block.dump_id, block.offset, block.length)
            for entry, block in pairs
            if entry.desc == "TABLE DATA"
        )

    def blobs(self) -> tuple["Block", ...]:
        """Blocks of large objects: at most one up to client 16, one per owner and ACL (1,000 objects at most) later."""
        return tuple(block for block in self.blocks if block.kind is BlockKind.BLOBS)

    def as_json(self) -> dict[str, Any]:
        """For the manifest: the head and, of the entries, only those with data, each with its block.

        All that a restore wants to know of the others (dependencies, definitions, COPY statements) stands in the first
        ``header_length`` bytes of the archive, which it must read anyway to hand them to pg_restore. So the manifest
        grows by one short row per table and not by ten per table.
        """
        rows = []
        for block in self.blocks:
            entry = self.entry(block.dump_id)
            where = [block.dump_id, block.offset, block.length, block.kind.value]
            digest = [block.sha256] if self.has_digests else []
            rows.append([*where, entry.oid, entry.desc, entry.namespace, entry.tag, entry.owner, *digest])
        columns = ["dump_id", "offset", "length", "kind", "oid", "desc", "namespace", "tag", "owner"]
        digests = {"header_sha256": self.header_sha256} if self.has_digests else {}
        return {
            "head": asdict(self.head),
            "header_length": self.header_length,
            "columns": [*columns, *(["sha256"] if self.has_digests else [])],
            "data": rows,
            **digests,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The index of a manifest. Its ``entries`` are those with data; feed the header to an indexer for all."""
        head = document["head"]
        rows = [dict(zip(document["columns"], row, strict=True)) for row in document["data"]]
        return cls(
            head=ArchiveHead(
                **head | {"version": tuple(head["version"]), "compression": Compression(head["compression"])}
            ),
            header_length=document["header_length"],
            entries=tuple(
                Entry(
                    dump_id=row["dump_id"],
                    oid=row["oid"],
                    tag=row["tag"],
                    desc=row["desc"],
                    namespace=row["namespace"],
                    owner=row["owner"],
                    section=Section.DATA,
                    had_dumper=True,
                )
                for row in rows
            ),
            blocks=tuple(
                Block(row["dump_id"], row["offset"], row["length"], BlockKind(row["kind"]), row.get("sha256"))
                for row in rows
            ),
            header_sha256=document.get("header_sha256"),
        )

    @cached_property
    def _entries_by_id(self) -> dict[int, "Entry"]:
        return {entry.dump_id: entry for entry in self.entries}

    @cached_property
    def _blocks_by_id(self) -> dict[int, "Block"]:
        return {block.dump_id: block for block in self.blocks}


class Compression(StrEnum):
    NONE = "none"
    GZIP = "gzip"
    LZ4 = "lz4"
    ZSTD = "zstd"


@dataclass(frozen=True, slots=True)
class ArchiveHead:
    """``created_local`` is the clock of the machine that ran pg_dump, ISO 8601 without a zone: the format has none."""

    version: tuple[int, int, int]
    int_size: int
    offset_size: int
    format: int
    compression: Compression
    created_local: str
    database: str
    server_version: str
    client_version: str

    @property
    def client_major(self) -> int:
        return _major(self.client_version)

    @property
    def server_major(self) -> int:
        return _major(self.server_version)


class Section(IntEnum):
    NONE = 1
    PRE_DATA = 2
    DATA = 3
    POST_DATA = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of the table of contents, without its SQL, which pg_restore reads from the header itself.

    ``recorded_offset`` is where pg_dump says that the data are: only in an archive written to a seekable file.
    ``relkind`` exists since archive version 1.16.
    """

    dump_id: int
    oid: int
    tag: str
    desc: str
    namespace: str | None
    owner: str | None
    section: Section
    had_dumper: bool
    tableam: str | None = None
    relkind: str | None = None
    copy_statement: str | None = None
    dependencies: tuple[int, ...] = ()
    recorded_offset: int | None = None


class BlockKind(StrEnum):
    DATA = "data"
    BLOBS = "blobs"


@dataclass(frozen=True, slots=True)
class Block:
    """``offset`` is that of the block's own header, so that the bytes up to ``end`` are what pg_restore reads."""

    dump_id: int
    offset: int
    length: int
    kind: BlockKind
    sha256: str | None = None

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class TableData:
    schema: str
    name: str
    dump_id: int
    offset: int
    length: int


def mini_archive_ranges(index: ArchiveIndex, dump_ids: Collection[int]) -> list[tuple[int, int]]:
    """The byte ranges (start, end) that make, one after the other, an archive with the data of these entries only.

    pg_restore takes it from a pipe, where it reads forward and never looks for what it was not asked to restore. The
    order is that of the archive, and so must be that of a list given to ``pg_restore --use-list``, which sorts the
    entries anew: a block that was passed over cannot be read any more. Raises KeyError for an entry without data.
    """
    wanted = set(dump_ids)
    chosen = [block for block in index.blocks if block.dump_id in wanted]
    if len(chosen) < len(wanted):
        raise KeyError(*wanted.difference(block.dump_id for block in chosen))
    ranges = [(0, index.header_length)]
    for block in chosen:
        start, end = ranges[-1]
        if block.offset == end:
            ranges[-1] = (start, block.end)
        else:
            ranges.append((block.offset, block.end))
    return ranges


def _major(version: str) -> int:
    """Zero when the text does not begin with a number."""
    found = re.match(r"\d+", version)
    return int(found[0]) if found else 0
