"""What a file is, told by its contents alone, and its plain bytes whatever they are wrapped in."""

import gzip
import io
import itertools
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Problem
from app.imports.errors import FormatUnsupported, SourceDamaged, SourceTooLarge
from app.imports.models import Format
from app.imports.unpacking import PIECE_BYTES, Unpacking, format_of
from app.kit.age import AgeEncryptor, Identity

ARCHIVE = b"PGDMP\x01\x0e\x00\x04\x08\x01" + bytes(range(256)) * 8
SQL = "CREATE TABLE tä (a int);\n".encode() * 100
OURS = Identity.generate()


def unpacked(data: bytes, *, cuts: list[int] | None = None, most: int = 1 << 30) -> tuple[bytes, Unpacking]:
    unpacking = Unpacking([OURS], most_bytes=most)
    places = [0, *sorted(cuts or []), len(data)]
    pieces = []
    for start, end in itertools.pairwise(places):
        unpacking.push(data[start:end])
        while piece := unpacking.pull():
            pieces.append(piece)
    unpacking.end()
    while piece := unpacking.pull():
        pieces.append(piece)
    return b"".join(pieces), unpacking


def sealed(data: bytes, to: Identity = OURS) -> bytes:
    encryptor = AgeEncryptor([to.recipient])
    return encryptor.update(data) + encryptor.finish()


@given(
    st.sampled_from([b"", b"S", SQL, ARCHIVE]), st.booleans(), st.booleans(), st.lists(st.integers(0, 50), max_size=5)
)
def test_a_file_comes_out_whole_in_whatever_pieces_it_comes(
    data: bytes, packed: bool, encrypted: bool, cuts: list[int]
) -> None:
    file = gzip.compress(data) if packed else data
    file = sealed(file) if encrypted else file
    found, unpacking = unpacked(file, cuts=[min(cut, len(file)) for cut in cuts])
    assert found == data
    assert unpacking.unpacked_bytes == len(data)
    assert (unpacking.was_packed, unpacking.was_encrypted) == (packed, encrypted)


def test_gzip_files_one_behind_the_other_are_one_file_and_zeros_at_the_end_are_none() -> None:
    assert unpacked(gzip.compress(b"a") + gzip.compress(b"b") + bytes(100))[0] == b"ab"


@pytest.mark.parametrize("lost", [1, 8, 9, 200])
def test_a_gzip_file_that_is_cut_off_is_damaged(lost: int) -> None:
    with pytest.raises(SourceDamaged, match="cut off"):
        unpacked(gzip.compress(bytes(range(256)) * 50, 9)[:-lost])


def test_a_flipped_bit_in_gzip_is_damage() -> None:
    data = bytearray(gzip.compress(SQL))
    data[-6] ^= 1
    with pytest.raises(SourceDamaged, match="damaged"):
        unpacked(bytes(data))


def test_a_few_bytes_that_unpack_to_very_many_are_stopped_and_never_held_at_once() -> None:
    bomb = gzip.compress(bytes(64 << 20), 9)
    assert len(bomb) < 1 << 17
    unpacking = Unpacking([], most_bytes=8 << 20)
    unpacking.push(bomb)
    largest = 0
    with pytest.raises(SourceTooLarge, match="MAX_UNPACKED"):
        while piece := unpacking.pull():
            largest = max(largest, len(piece))
    assert largest <= PIECE_BYTES
    assert unpacking.unpacked_bytes <= (8 << 20) + PIECE_BYTES


@pytest.mark.parametrize("cut", [1, 100, 300])
def test_an_age_file_that_is_not_whole_is_damaged(cut: int) -> None:
    with pytest.raises(SourceDamaged, match="age file"):
        unpacked(sealed(SQL)[:-cut])


def test_an_age_file_for_somebody_else_says_so() -> None:
    with pytest.raises(SourceDamaged, match="other recipients"):
        unpacked(sealed(SQL, Identity.generate()))
    with pytest.raises(FormatUnsupported, match="armour"):
        unpacked(b"-----BEGIN AGE ENCRYPTED FILE-----\n")


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("dump.sql", SQL)
    return made.getvalue()


def _tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as file:
        entry = tarfile.TarInfo("toc.dat")
        entry.size = 3
        file.addfile(entry, io.BytesIO(b"abc"))
    return made.getvalue()


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"", "empty"),
        (_zip(), "ZIP"),
        (_tar(), "tar"),
        (b"PGDMP\x01\x0e\x00\x04\x08\x05", "directory or tar"),
        (b"BZh9", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        ("\ufeffSELECT 1;".encode("utf-16"), "UTF-16"),
        (b"  <!DOCTYPE html><html>", "web page"),
        (b"\x7fELF\x02\x01", "neither"),
        (bytes(range(256)), "neither"),
    ],
    ids=["empty", "zip", "tar", "directory", "bzip2", "xz", "zstd", "utf-16", "page", "program", "garbage"],
)
def test_what_is_no_dump_is_refused_by_its_name(head: bytes, said: str) -> None:
    with pytest.raises(FormatUnsupported, match=said) as raised:
        format_of(head[:1024])
    assert isinstance(raised.value, Problem)
    assert raised.value.code == "SOURCE_FORMAT_UNSUPPORTED"


def test_dumps_are_known_by_their_first_bytes() -> None:
    assert format_of(ARCHIVE[:1024]) is Format.ARCHIVE
    for text in (SQL, b"\xef\xbb\xbf-- x", b"\r\n\t/* x */", b"SELECT '\xe4';"):
        assert format_of(text[:1024]) is Format.SQL
