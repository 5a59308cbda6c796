"""Encrypting and decrypting with our own code; the agreement with the ``age`` tool has its own file."""

import io
import itertools
import secrets
import time
import tracemalloc
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.age import AgeDecryptor, AgeEncryptor, AgeError, DamagedFile, Identity, WrongKey
from app.kit.age.header import Stanza, render
from app.kit.age.payload import CHUNK_BYTES, SEALED_CHUNK_BYTES, PayloadCipher

IDENTITY = Identity.generate()
OTHER = Identity.generate()
PLAINTEXT = secrets.token_bytes(3 * CHUNK_BYTES + 100)
SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 100]


def encrypt(plaintext: bytes, *identities: Identity) -> bytes:
    encryptor = AgeEncryptor([identity.recipient for identity in identities or [IDENTITY]])
    return encryptor.update(plaintext) + encryptor.finish()


def decrypt(file: bytes, *identities: Identity) -> bytes:
    decryptor = AgeDecryptor(identities or [IDENTITY])
    return decryptor.update(file) + decryptor.finish()


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return (data[start:stop] for start, stop in itertools.pairwise(places))


def split(file: bytes) -> tuple[bytes, list[bytes]]:
    """Header with nonce, and the sealed chunks."""
    start = file.index(b"\n---") + 49 + 16
    stream = io.BytesIO(file[start:])
    return file[:start], list(iter(lambda: stream.read(SEALED_CHUNK_BYTES), b""))


def forged(chunks: list[tuple[int, bytes, bool]]) -> bytes:
    """A file with a sound header whose chunks are sealed under these numbers and marks."""
    file_key, nonce = secrets.token_bytes(16), secrets.token_bytes(16)
    cipher = PayloadCipher(file_key, nonce)
    sealed = [cipher.seal(number, plaintext, is_last=is_last) for number, plaintext, is_last in chunks]
    return b"".join([render([IDENTITY.recipient.wrap(file_key)], file_key), nonce, *sealed])


@pytest.mark.parametrize("size_bytes", SIZES)
def test_every_size_around_a_chunk_survives(size_bytes: int) -> None:
    plaintext = PLAINTEXT[:size_bytes]
    file = encrypt(plaintext)
    assert decrypt(file) == plaintext
    _, chunks = split(file)
    assert len(chunks) == max(1, -(-size_bytes // CHUNK_BYTES))


@settings(max_examples=40)
@given(st.sampled_from(SIZES), st.lists(st.integers(0), max_size=12), st.lists(st.integers(0), max_size=12))
def test_the_result_does_not_depend_on_how_the_bytes_arrive(
    size_bytes: int, written: list[int], read: list[int]
) -> None:
    encryptor, decryptor = AgeEncryptor([IDENTITY.recipient]), AgeDecryptor([IDENTITY])
    parts = [encryptor.update(piece) for piece in pieces(PLAINTEXT[:size_bytes], written)]
    file = b"".join([*parts, encryptor.finish()])
    plaintext = b"".join([*(decryptor.update(piece) for piece in pieces(file, read)), decryptor.finish()])
    assert plaintext == PLAINTEXT[:size_bytes]


def test_a_file_may_arrive_byte_by_byte() -> None:
    file = encrypt(PLAINTEXT[: CHUNK_BYTES + 10], OTHER, IDENTITY)
    decryptor = AgeDecryptor([IDENTITY])
    parts = [decryptor.update(file[place : place + 1]) for place in range(len(file))]
    assert b"".join([*parts, decryptor.finish()]) == PLAINTEXT[: CHUNK_BYTES + 10]


def test_any_kind_of_buffer_is_taken_and_not_kept() -> None:
    buffer = bytearray(PLAINTEXT)
    encryptor = AgeEncryptor([IDENTITY.recipient])
    file = encryptor.update(memoryview(buffer)[:100_000])
    buffer[:100_000] = bytes(100_000)
    file += encryptor.update(buffer[100_000:]) + encryptor.finish()
    assert decrypt(file) == PLAINTEXT


def test_each_of_several_recipients_opens_the_file() -> None:
    file = encrypt(b"for three", IDENTITY, OTHER, Identity.generate())
    assert decrypt(file, IDENTITY) == decrypt(file, OTHER) == b"for three"
    assert decrypt(file, Identity.generate(), OTHER) == b"for three"


def test_the_same_plaintext_never_gives_the_same_file() -> None:
    one, other = split(encrypt(PLAINTEXT)), split(encrypt(PLAINTEXT))
    assert one[0] != other[0]
    assert not set(one[1]) & set(other[1])


def test_a_file_without_recipients_is_refused() -> None:
    with pytest.raises(ValueError, match="without a recipient"):
        AgeEncryptor([])


def test_a_finished_file_takes_no_more() -> None:
    encryptor = AgeEncryptor([IDENTITY.recipient])
    encryptor.finish()
    with pytest.raises(ValueError, match="finished already"):
        encryptor.update(b"more")
    with pytest.raises(ValueError, match="finished already"):
        encryptor.finish()


@pytest.mark.parametrize("identities", [[], [OTHER], [OTHER, Identity.generate()]])
def test_a_wrong_key_is_told_from_damage(identities: list[Identity]) -> None:
    decryptor = AgeDecryptor(identities)
    with pytest.raises(WrongKey, match=f"None of the {len(identities)} keys"):
        decryptor.update(encrypt(PLAINTEXT))
    with pytest.raises(DamagedFile, match="unreadable, before"):
        decryptor.update(b"")


@pytest.mark.parametrize("number", range(4))
def test_a_damaged_chunk_releases_nothing_of_itself_or_of_what_follows(number: int) -> None:
    start, chunks = split(encrypt(PLAINTEXT))
    chunks[number] = chunks[number][:-1] + bytes([chunks[number][-1] ^ 1])
    decryptor = AgeDecryptor([IDENTITY])
    released = decryptor.update(start + b"".join(chunks[:number]))
    released += decryptor.update(chunks[number])  # held back: it might be the last one
    proceed = partial(decryptor.update, chunks[number + 1]) if number < 3 else decryptor.finish
    with pytest.raises(DamagedFile, match=f"chunk {number}, from plaintext byte {number * CHUNK_BYTES}"):
        proceed()
    assert released == PLAINTEXT[: number * CHUNK_BYTES]
    with pytest.raises(DamagedFile, match="unreadable, before"):
        decryptor.update(chunks[-1])
    with pytest.raises(DamagedFile, match="unreadable, before"):
        decryptor.finish()


def test_missing_repeated_reordered_and_foreign_chunks_are_refused() -> None:
    start, (first, second, third, last) = split(encrypt(PLAINTEXT))
    foreign = split(encrypt(PLAINTEXT))[1][1]
    for chunks in (
        [first, second, third],  # cut at the border of a chunk
        [first, second, last],
        [second, third, last],
        [second, first, third, last],
        [first, first, third, last],
        [first, foreign, third, last],
        [first, second, third, last, last],
        [],
    ):
        with pytest.raises(DamagedFile):
            decrypt(b"".join([start, *chunks]))


@given(st.integers(0, len(encrypt(PLAINTEXT[:300])) - 1))
def test_a_cut_at_any_byte_is_refused(length: int) -> None:
    file = encrypt(PLAINTEXT[:300])
    with pytest.raises(DamagedFile):
        decrypt(file[:length])


@given(st.integers(0, len(encrypt(PLAINTEXT[:300])) * 8 - 1))
def test_a_flipped_bit_anywhere_is_refused(bit: int) -> None:
    file = bytearray(encrypt(PLAINTEXT[:300]))
    file[bit // 8] ^= 1 << bit % 8
    with pytest.raises(AgeError):
        decrypt(bytes(file))


@pytest.mark.parametrize("size_bytes", SIZES)
@pytest.mark.parametrize("trailing", [b"\0", b"\n", PLAINTEXT[: 2 * SEALED_CHUNK_BYTES]])
def test_trailing_data_is_refused(size_bytes: int, trailing: bytes) -> None:
    with pytest.raises(DamagedFile):
        decrypt(encrypt(PLAINTEXT[:size_bytes]) + trailing)


def test_data_after_the_end_is_refused() -> None:
    decryptor = AgeDecryptor([IDENTITY])
    decryptor.update(encrypt(b"whole"))
    assert decryptor.finish() == b"whole"
    with pytest.raises(DamagedFile, match="read to its end"):
        decryptor.update(b"more")


def test_an_empty_last_chunk_is_refused_unless_the_whole_file_is_empty() -> None:
    full = PLAINTEXT[:CHUNK_BYTES]
    assert decrypt(forged([(0, b"", True)])) == b""
    assert decrypt(forged([(0, full, True)])) == full
    with pytest.raises(DamagedFile, match="empty chunk"):
        decrypt(forged([(0, full, False), (1, b"", True)]))


def test_a_last_chunk_that_is_not_marked_and_a_mark_before_the_end_are_refused() -> None:
    full = PLAINTEXT[:CHUNK_BYTES]
    for chunks in ([(0, b"abc", False)], [(0, full, True), (1, b"abc", True)], [(0, b"abc", False), (1, b"d", True)]):
        with pytest.raises(DamagedFile):
            decrypt(forged(chunks))


def test_stanzas_of_other_kinds_are_skipped() -> None:
    file_key, nonce = secrets.token_bytes(16), secrets.token_bytes(16)
    grease = [
        Stanza("grease!-grease", (), b""),
        Stanza("ssh-ed25519", ("abc", "d/f"), secrets.token_bytes(48)),
        Stanza("x", ("~",), secrets.token_bytes(500)),
    ]
    header = render([*grease, IDENTITY.recipient.wrap(file_key), *grease], file_key)
    file = header + nonce + PayloadCipher(file_key, nonce).seal(0, b"found", is_last=True)
    assert decrypt(file) == b"found"


def test_a_file_that_only_has_other_kinds_needs_another_key() -> None:
    file_key = secrets.token_bytes(16)
    with pytest.raises(WrongKey):
        decrypt(render([Stanza("scrypt", ("c2FsdA", "18"), bytes(32))], file_key) + bytes(32))


def test_a_header_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    decryptor = AgeDecryptor([IDENTITY])
    decryptor.update(b"age-encryption.org/v1\n")
    stanza = b"-> grease " + b"x" * 10_000 + b"\n\n"
    for _ in range(100):
        assert decryptor.update(stanza) == b""
    with pytest.raises(DamagedFile, match="does not end within"):
        decryptor.update(stanza * 5)


def test_a_header_that_ends_too_late_is_refused() -> None:
    start = b"age-encryption.org/v1\n" + b"-> grease\n\n" * 100_000
    with pytest.raises(DamagedFile, match="does not end within"):
        AgeDecryptor([IDENTITY]).update(start + encrypt(b"")[22:])


@pytest.mark.parametrize(
    "text", [b"PGDMP", b"\x1f\x8b", b"age-encryption.org/v2\n", b"-----BEGIN AGE ENCRYPTED FILE-----"]
)
def test_what_is_no_age_file_is_refused_at_once(text: bytes) -> None:
    with pytest.raises(DamagedFile, match="no age v1 file"):
        AgeDecryptor([IDENTITY]).update(text)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(DamagedFile, match="within its header"):
        AgeDecryptor([IDENTITY]).finish()


def test_memory_stays_flat() -> None:
    encryptor, decryptor = AgeEncryptor([IDENTITY.recipient]), AgeDecryptor([IDENTITY])
    piece = bytes(256 * 1024)
    tracemalloc.start()
    try:
        for _ in range(200):  # 50 MiB
            decryptor.update(encryptor.update(piece))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 3 * 1024 * 1024


@pytest.mark.parametrize("piece_bytes", [200, 1024 * 1024])
def test_speed_does_not_collapse_for_small_or_large_pieces(piece_bytes: int) -> None:
    piece = bytes(piece_bytes)
    encryptor, decryptor = AgeEncryptor([IDENTITY.recipient]), AgeDecryptor([IDENTITY])
    started = time.process_time()
    for _ in range(8 * 1024 * 1024 // piece_bytes):
        decryptor.update(encryptor.update(piece))
    assert time.process_time() - started < 10  # well below a second; joining all bytes anew each time takes minutes
