import hashlib
from collections.abc import Callable

from app.postgres.archive.errors import ArchiveDamaged
from app.postgres.archive.fields import Fields, NeedMore, damage_at
from app.postgres.archive.index import ArchiveHead, ArchiveIndex, Block, BlockKind, Entry
from app.postgres.archive.toc import read_entry, read_head

BLOCK_KINDS = {1: BlockKind.DATA, 3: BlockKind.BLOBS}


class ArchiveIndexer:
    """Reads a ``pg_dump -Fc`` stream in pieces of any size and remembers where its blocks are.

    Only the length fields of the data are looked at, never the data: 360 MB cost a fraction of a second of processor
    time and no memory. So a flipped byte inside the data goes unnoticed here; the checksums of the upload are for that.
    The end is clean only if the table of contents and every block that it announces were read to their last byte, since
    the format itself does not mark its end.

    ``digests`` has it hash the header and every block by itself, so that whoever reads one of them alone can tell
    whether it is what was written. For archives that nothing else tells that of: it costs what hashing costs.
    """

    def __init__(self, *, digests: bool = False) -> None:
        self._digests = _Digests() if digests else None
        self._received = 0
        # Where the next field begins, which may be behind all that was received, and what was received of it.
        self._next = 0
        self._kept = b""
        # Reads one thing; False when these bytes hold nothing more to read.
        self._step: Callable[[Fields], bool] = self._read_head
        self._damage: ArchiveDamaged | None = None

        self._head: ArchiveHead
        self._header_length = 0
        self._header_sha256: str | None = None
        self._encoding = "utf-8"
        self._entries_left = 0
        self._entries: dict[int, Entry] = {}
        self._with_data: list[Entry] = []
        self._blocks: list[Block] = []
        self._block_start = 0

    def feed(self, chunk: bytes) -> None:
        """Raises ArchiveDamaged, and again at every later call."""
        if self._damage:
            raise self._damage
        data = self._kept + chunk if self._kept else chunk
        self._received += len(chunk)
        base = self._received - len(data)
        if self._digests:
            self._digests.look_at(data, base)
        position = self._next - base
        fields = Fields(data, base, position)
        try:
            while position < len(data) and self._step(fields):
                position = fields.position
            position = fields.position
        except NeedMore:
            pass
        except ArchiveDamaged as damage:
            self._damage = damage
            raise
        self._next = base + position
        self._kept = data[position:]
        if self._digests:
            self._digests.take(min(self._next, self._received))

    def finish(self) -> ArchiveIndex:
        """Raises ArchiveDamaged when the stream ended early."""
        if self._damage:
            raise self._damage
        if self._step != self._read_end:
            raise damage_at(self._received, f"it ends {self._place()}, so the rest of it is missing")
        return ArchiveIndex(
            head=self._head,
            header_length=self._header_length,
            entries=tuple(self._entries.values()),
            blocks=tuple(self._blocks),
            header_sha256=self._header_sha256,
        )

    @property
    def header_length(self) -> int:
        """Of the head and the table of contents; 0 until all of them went by."""
        return self._header_length

    def tables_read(self) -> list[tuple[str, str]]:
        """Schema and name of every table whose data went by to its end, for whoever shows how far the dump is."""
        entries = (self._entries[block.dump_id] for block in tuple(self._blocks) if block.kind is BlockKind.DATA)
        return [(entry.namespace or "", entry.tag) for entry in entries]

    def _read_head(self, fields: Fields) -> bool:
        head = read_head(fields)
        self._entries_left = fields.natural()
        self._head = head
        self._expect_entry(fields)
        return True

    def _expect_entry(self, fields: Fields) -> None:
        if self._entries_left:
            self._step = self._read_entry
        else:
            self._header_length = fields.base + fields.position
            self._header_sha256 = self._digest(self._header_length)
            self._expect_block()

    def _read_entry(self, fields: Fields) -> bool:
        start = fields.position
        entry, self._encoding = read_entry(fields, self._head.version, self._encoding)
        if entry.dump_id in self._entries:
            raise fields.damage(f"entry {entry.dump_id} comes a second time", start)
        self._entries[entry.dump_id] = entry
        if entry.had_dumper:
            self._with_data.append(entry)
        self._entries_left -= 1
        self._expect_entry(fields)
        return True

    def _expect_block(self) -> None:
        self._step = self._read_block if len(self._blocks) < len(self._with_data) else self._read_end

    def _read_block(self, fields: Fields) -> bool:
        """pg_dump writes the blocks in the order of its entries and leaves none out, so only one can come next."""
        start = fields.position
        kind = BLOCK_KINDS.get(fields.byte())
        if kind is None:
            raise fields.damage("a block of data has an unknown kind", start)
        dump_id = fields.integer()
        expected = self._with_data[len(self._blocks)]
        if dump_id != expected.dump_id:
            known = "whose turn it is not" if dump_id in self._entries else "which no entry announced"
            raise fields.damage(
                f"a block of data belongs to entry {dump_id}, {known}: that of entry {expected.dump_id} was due", start
            )
        if (kind is BlockKind.BLOBS) is not (expected.desc == "BLOBS"):
            raise fields.damage(f"the block of entry {dump_id} ({expected.desc}) has another entry's kind", start)
        self._block_start = fields.base + start
        if expected.recorded_offset not in (None, self._block_start):
            raise fields.damage(f"the block of entry {dump_id} was recorded at byte {expected.recorded_offset}", start)
        self._step = self._read_object if kind is BlockKind.BLOBS else self._read_data
        return True

    def _read_data(self, fields: Fields) -> bool:
        ended = fields.skip_payload()
        if ended:
            self._end_block(BlockKind.DATA, fields)
        return ended

    def _read_object(self, fields: Fields) -> bool:
        """The oid of a large object is unsigned and written as a signed number, so any value but 0 is one."""
        if fields.integer():
            self._step = self._read_object_data
        else:
            self._end_block(BlockKind.BLOBS, fields)
        return True

    def _read_object_data(self, fields: Fields) -> bool:
        ended = fields.skip_payload()
        if ended:
            self._step = self._read_object
        return ended

    def _end_block(self, kind: BlockKind, fields: Fields) -> None:
        dump_id = self._with_data[len(self._blocks)].dump_id
        end = fields.base + fields.position
        self._blocks.append(Block(dump_id, self._block_start, end - self._block_start, kind, self._digest(end)))
        self._expect_block()

    def _digest(self, end: int) -> str | None:
        """Of what ends here: the header, or the block behind what ended before."""
        return self._digests.end(end) if self._digests else None

    def _read_end(self, fields: Fields) -> bool:
        raise fields.damage("more follows although every block was read", fields.position)

    def _place(self) -> str:
        if not self._header_length:
            return "inside its table of contents"
        entry = self._with_data[len(self._blocks)]
        name = f"{entry.namespace}.{entry.tag}" if entry.namespace else entry.tag
        return f"before the end of the data of entry {entry.dump_id} ({entry.desc} {name})"


class _Digests:
    """SHA-256 of one stretch of the stream after the other, of which each begins where the one before it ended."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._taken = 0
        self._data, self._base = memoryview(b""), 0

    def look_at(self, data: bytes, base: int) -> None:
        self._data, self._base = memoryview(data), base

    def take(self, end: int) -> None:
        """What goes up to ``end``, as far as it is not taken yet, belongs to the stretch that is being read."""
        self._digest.update(self._data[self._taken - self._base : end - self._base])
        self._taken = end

    def end(self, end: int) -> str:
        self.take(end)
        digest, self._digest = self._digest.hexdigest(), hashlib.sha256()
        return digest
