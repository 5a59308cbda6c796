import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.age import AgeRanges, DamagedFile, Identity, WrongKey
from app.kit.age.payload import CHUNK_BYTES, SEALED_CHUNK_BYTES
from tests.kit.age.test_files import IDENTITY, PLAINTEXT, SIZES, encrypt, split

FILES = {size: encrypt(PLAINTEXT[:size]) for size in SIZES}


def ranges_of(file: bytes) -> AgeRanges:
    found = AgeRanges.of(file[:4096], [IDENTITY], size_bytes=len(file))
    assert found is not None
    return found


def read(file: bytes, start: int, end: int, *, piece_bytes: int = 50_000) -> bytes:
    ranges = ranges_of(file)
    first, stop = ranges.stored_range(start, end)
    opening = ranges.opening(start, end)
    pieces = [opening.update(file[at : min(at + piece_bytes, stop)]) for at in range(first, stop, piece_bytes)]
    return b"".join([*pieces, opening.finish()])


@given(
    size=st.sampled_from(SIZES[1:]), one=st.integers(0), other=st.integers(0), piece_bytes=st.integers(1_000, 200_000)
)
def test_any_range_is_what_was_written_there(size: int, one: int, other: int, piece_bytes: int) -> None:
    start, end = sorted((one % size, other % size))
    assert read(FILES[size], start, end + 1, piece_bytes=piece_bytes) == PLAINTEXT[start : end + 1]


@given(size=st.sampled_from(SIZES[1:]), one=st.integers(0), other=st.integers(0))
def test_no_more_is_read_than_the_chunks_that_hold_the_range(size: int, one: int, other: int) -> None:
    start, end = sorted((one % size, other % size))
    first, stop = ranges_of(FILES[size]).stored_range(start, end + 1)
    chunks = end // CHUNK_BYTES - start // CHUNK_BYTES + 1
    assert (chunks - 1) * SEALED_CHUNK_BYTES < stop - first <= chunks * SEALED_CHUNK_BYTES


@pytest.mark.parametrize("size", SIZES)
def test_the_size_of_the_plaintext_is_known_from_that_of_the_file(size: int) -> None:
    assert ranges_of(FILES[size]).plain_size_bytes == size


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 3), (0, len(PLAINTEXT) + 1)])
def test_what_is_no_range_of_the_file_is_a_mistake_of_the_caller(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="is no range"):
        ranges_of(FILES[len(PLAINTEXT)]).stored_range(start, end)


def test_a_start_within_the_header_asks_for_more() -> None:
    file = FILES[1]
    assert AgeRanges.of(file[:100], [IDENTITY], size_bytes=len(file)) is None
    with pytest.raises(DamagedFile, match="cut off"):
        AgeRanges.of(file[:100], [IDENTITY], size_bytes=100)


def test_another_key_and_another_file_are_told_apart() -> None:
    file = FILES[1]
    with pytest.raises(WrongKey):
        AgeRanges.of(file, [Identity.generate()], size_bytes=len(file))
    with pytest.raises(DamagedFile, match="no age v1 file"):
        AgeRanges.of(b"PGDMP" * 100, [IDENTITY], size_bytes=500)


def test_a_file_that_was_cut_is_noticed_by_its_size_or_at_its_end() -> None:
    start, chunks = split(FILES[len(PLAINTEXT)])
    whole_chunks = start + b"".join(chunks[:2])
    assert ranges_of(whole_chunks).plain_size_bytes == 2 * CHUNK_BYTES  # for the caller to compare
    with pytest.raises(DamagedFile, match="ends too early"):
        read(whole_chunks, CHUNK_BYTES, 2 * CHUNK_BYTES)
    for size in (len(start), len(start) + 15, len(whole_chunks) + 16):
        with pytest.raises(DamagedFile, match="cut off"):
            ranges_of((whole_chunks + bytes(16))[:size])


@pytest.mark.parametrize("damage", ["flipped", "swapped", "of another file", "missing"])
def test_a_chunk_that_is_not_the_one_gives_none_of_its_bytes(damage: str) -> None:
    start, chunks = split(FILES[len(PLAINTEXT)])
    if damage == "flipped":
        chunks[1] = chunks[1][:-1] + bytes([chunks[1][-1] ^ 1])
    elif damage == "swapped":
        chunks[1], chunks[2] = chunks[2], chunks[1]
    elif damage == "of another file":
        chunks[1] = split(encrypt(secrets.token_bytes(len(PLAINTEXT))))[1][1]
    else:
        del chunks[1]
    ranges = AgeRanges.of(start, [IDENTITY], size_bytes=len(FILES[len(PLAINTEXT)]))
    assert ranges is not None
    opening = ranges.opening(0, 3 * CHUNK_BYTES)
    assert opening.update(chunks[0]) == PLAINTEXT[:CHUNK_BYTES]
    with pytest.raises(DamagedFile, match="chunk 1"):
        opening.update(chunks[1])


def test_a_range_that_ends_early_is_no_range() -> None:
    ranges = ranges_of(FILES[len(PLAINTEXT)])
    _, chunks = split(FILES[len(PLAINTEXT)])
    opening = ranges.opening(0, 2 * CHUNK_BYTES)
    opening.update(chunks[0] + chunks[1][:100])
    with pytest.raises(DamagedFile, match="not all of it was read"):
        opening.finish()
