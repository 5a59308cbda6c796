"""What is not one whole archive is refused, wherever it ends and whatever was changed in it."""

import json
import time
import tracemalloc
from itertools import pairwise
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.postgres.archive import ArchiveDamaged, ArchiveIndex, ArchiveIndexer, ArchiveVersionUnknown, Block

MIB = 2**20


@given(data=st.data())
def test_the_index_does_not_depend_on_how_the_stream_is_cut(small: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(small)), max_size=40)))
    edges = [0, *cuts, len(small)]

    assert index_of(*(small[start:end] for start, end in pairwise(edges))) == index_of(small)


def test_an_archive_cut_short_at_any_byte_is_refused(small: bytes) -> None:
    """One indexer sees every prefix in turn, and is itself fed byte by byte."""
    indexer = ArchiveIndexer()
    for length in range(len(small)):
        with pytest.raises(ArchiveDamaged, match=f"at byte {length}, it ends"):
            indexer.finish()
        indexer.feed(small[length : length + 1])

    assert indexer.finish() == index_of(small)


def test_a_changed_byte_is_refused_or_leaves_every_block_where_it_was(small: bytes) -> None:
    index = index_of(small)
    unnoticed = []
    for position in range(len(small)):
        for mask in (0x01, 0x80, 0xFF):
            changed = bytearray(small)
            changed[position] ^= mask
            try:
                seen = index_of(bytes(changed))
            except ArchiveDamaged:
                continue
            assert seen.blocks == index.blocks, position
            unnoticed.append(position)

    # Beyond the table of contents only the data themselves, and the oid of a large object, may change unseen.
    structure = {
        position for block in index.blocks for position in (*range(block.offset, block.offset + 6), block.end - 1)
    }
    assert unnoticed
    assert not structure.intersection(unnoticed)


def test_a_stream_that_goes_on_after_the_last_block_is_refused(small: bytes) -> None:
    for junk in (b"\0", b"\1\0\4\0\0\0", small):
        with pytest.raises(ArchiveDamaged, match=f"at byte {len(small)}, more follows"):
            index_of(small, junk)


def test_blocks_are_refused_when_out_of_order_twice_or_left_out(small: bytes) -> None:
    header, (first, second, *_rest) = small[: index_of(small).header_length], index_of(small).blocks
    for blocks in ((second, first), (first, first), (second,)):
        archive = header + b"".join(small[block.offset : block.end] for block in blocks)
        with pytest.raises(ArchiveDamaged, match="whose turn it is not"):
            index_of(archive)
    with pytest.raises(ArchiveDamaged, match=r"before the end of the data of entry \d+ \(TABLE DATA public.two\)"):
        index_of(header, small[first.offset : first.end])


def test_data_of_an_entry_that_does_not_exist_are_refused(small: bytes) -> None:
    block = index_of(small).blocks[0]
    with pytest.raises(ArchiveDamaged, match="belongs to entry 99999, which no entry announced"):
        index_of(changed_at(small, block.offset + 1, number(99_999)))


@pytest.mark.parametrize(("kind", "why"), [(3, "another entry's kind"), (2, "unknown kind"), (0, "unknown kind")])
def test_a_block_of_another_kind_than_its_entry_is_refused(small: bytes, kind: int, why: str) -> None:
    block = index_of(small).blocks[0]
    with pytest.raises(ArchiveDamaged, match=why) as refused:
        index_of(changed_at(small, block.offset, bytes([kind])))
    assert refused.value.members == {"offset": block.offset}


def test_a_file_whose_recorded_offsets_are_wrong_is_refused(small: bytes) -> None:
    """The last entry with data is found by what is written of it into a pipe: unknown, zero."""
    unknown, block = b"\1" + bytes(8), index_of(small).blocks[0]
    place = small.rindex(unknown, 0, index_of(small).header_length)
    recorded = changed_at(small, place, b"\2" + pack("<Q", index_of(small).blocks[-1].offset))

    assert index_of(recorded).blocks == index_of(small).blocks
    with pytest.raises(ArchiveDamaged, match=f"was recorded at byte {block.offset}"):
        index_of(changed_at(recorded, place, b"\2" + pack("<Q", block.offset)))


@pytest.mark.parametrize("version", [(1, 13), (1, 12), (1, 17), (2, 14), (0, 14)])
def test_an_unknown_version_is_named(small: bytes, version: tuple[int, int]) -> None:
    named = f"has version {version[0]}.{version[1]}.0; versions 1.14 to 1.16"
    with pytest.raises(ArchiveVersionUnknown, match=named) as refused:
        index_of(changed_at(small, 5, bytes(version)))
    assert refused.value.code == "ARCHIVE_VERSION_UNKNOWN"


@pytest.mark.parametrize("stream", [b"--\n-- PostgreSQL database dump\n--\n", b"\x1f\x8b\x08\0\0\0\0\0", b"PGDM?"])
def test_what_is_no_custom_archive_is_refused_at_its_first_bytes(stream: bytes) -> None:
    with pytest.raises(ArchiveDamaged, match="at byte 0, it does not begin as an archive"):
        ArchiveIndexer().feed(stream)


def test_each_field_that_makes_no_sense_is_named_with_its_place(small: bytes) -> None:
    index = index_of(small)
    rows = index.tables()[-1].dump_id
    entry = small.index(pack("<BIBI", 0, rows, 0, 1))
    start, oid = index.blocks[0].offset, str(index.entry(rows).oid).encode()
    for place, value, why in [
        (12 if index.head.version < (1, 15) else 11, b"@", "the compression"),
        (small.index(b"TABLE DATA") + 10, number(5), "the section of an entry is unknown"),
        (entry, number(index.entries[0].dump_id), "comes a second time"),
        (entry, number(0), "the number of an entry is not positive"),
        (entry + 5, number(2), "a flag is neither 0 nor 1"),
        (small.index(oid, entry), b"x", "a text that must be a number is none"),
        (small.index(b"ENCODING") - 5, number(2**31 - 1), "the length of a text is out of range"),
        (small.index(b"ENCODING") - 5, number(-2), "the length of a text is out of range"),
        (small.index(b"ENCODING"), b"\0", "a text holds a zero byte"),
        (small.index(b"false", entry), b"fal\x00e", "a text holds a zero byte"),
        (small.index(b"false", entry), b"truee", "a table has oids"),
        (small.index(b"\1" + bytes(8), small.index(b"false", entry)), b"\3", "it is unclear whether an entry has data"),
        (small.index(b"\1" + bytes(8), small.index(b"false", entry)), b"\4", "it is unclear whether an entry has data"),
        (start + 1, b"\2", "a number is out of range"),
        (start + 5, b"\x80", "a number is out of range"),
        (start + 6, b"\1", "the length of a piece of data is out of range"),
        (start + 10, b"\x80", "the length of a piece of data is out of range"),
    ]:
        with pytest.raises(ArchiveDamaged, match=why):
            index_of(changed_at(small, place, value))


def test_an_entry_without_a_name_is_refused(small: bytes) -> None:
    name = small.index(b"ENCODING")
    with pytest.raises(ArchiveDamaged, match="an entry lacks its oid, name or kind"):
        index_of(small[: name - 5] + number(-1) + small[name + len(b"ENCODING") :])


def test_an_empty_stream_is_refused() -> None:
    with pytest.raises(ArchiveDamaged, match="at byte 0, it ends inside its table of contents"):
        ArchiveIndexer().finish()


def test_a_refusal_is_final(small: bytes) -> None:
    indexer = ArchiveIndexer()
    indexer.feed(small)
    with pytest.raises(ArchiveDamaged):
        indexer.feed(b"junk")
    for again in (lambda: indexer.feed(b""), indexer.finish):
        with pytest.raises(ArchiveDamaged, match="more follows"):
            again()


@pytest.mark.parametrize("piece", [4096, 128 * 1024])
def test_the_data_are_passed_over_at_once_and_kept_nowhere(small: bytes, piece: int) -> None:
    """A gzip archive has pieces of 4 KiB; 360 MiB of them in chunks that never begin where a piece does."""
    index = index_of(small)
    block = index.blocks[0]
    chunk = (pack("<BI", 0, piece) + bytes(piece)) * (MIB // piece)
    indexer = ArchiveIndexer()
    indexer.feed(small[: block.offset + 6])
    indexer.feed(chunk[:1000])
    shifted = chunk[1000:] + chunk[:1000]

    tracemalloc.start()
    indexer.feed(shifted)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    started = time.process_time()
    for _ in range(359):
        indexer.feed(shifted)
    spent = time.process_time() - started
    indexer.feed(chunk[1000:] + bytes(5) + small[block.end :])

    grown = indexer.finish().blocks
    assert grown[0] == Block(block.dump_id, block.offset, 6 + 361 * len(chunk) + 5, block.kind)
    assert [other.length for other in grown[1:]] == [other.length for other in index.blocks[1:]]
    assert peak < 10_000
    assert spent < 0.5


def test_the_form_for_the_manifest_keeps_what_has_data(small: bytes) -> None:
    index = index_of(small)
    text = json.dumps(index.as_json())
    again = ArchiveIndex.from_json(json.loads(text))

    assert (again.head, again.header_length, again.blocks) == (index.head, index.header_length, index.blocks)
    assert (again.tables(), again.blobs()) == (index.tables(), index.blobs())
    assert again.size_bytes == len(small)
    assert [entry.dump_id for entry in again.entries] == [block.dump_id for block in index.blocks]
    assert json.dumps(again.as_json()) == text
    assert len(text) < 500 + 120 * len(index.blocks)


def index_of(*chunks: bytes) -> ArchiveIndex:
    indexer = ArchiveIndexer()
    for chunk in chunks:
        indexer.feed(chunk)
    return indexer.finish()


def changed_at(archive: bytes, position: int, value: bytes) -> bytes:
    return archive[:position] + value + archive[position + len(value) :]


def number(value: int) -> bytes:
    return pack("<BI", value < 0, abs(value))
