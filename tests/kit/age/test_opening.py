"""Whole files opened by the keys of a file, as `pgmanager decrypt` does, beside the stock tool."""

import io
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.kit.age import AgeEncryptor, DamagedFile, Identity, WrongKey, decrypt_stream, read_identities
from app.kit.age.files import AgeDecryptor
from app.kit.age.header import Stanza, render
from app.kit.age.payload import SEALED_CHUNK_BYTES

CHUNK = 64 * 1024
PLAIN = bytes(range(256)) * 1024  # four chunks


def encrypted(*identities: Identity, plain: bytes = PLAIN) -> bytes:
    encryptor = AgeEncryptor([identity.recipient for identity in identities])
    return encryptor.update(plain) + encryptor.finish()


def opened(file: bytes, *identities: Identity) -> tuple[bytes, Exception | None]:
    """What was released, and what was wrong then."""
    sink = io.BytesIO()
    try:
        decrypt_stream(io.BytesIO(file), sink, identities)
    except (WrongKey, DamagedFile) as error:
        return sink.getvalue(), error
    return sink.getvalue(), None


def test_any_one_of_the_recipients_is_enough() -> None:
    ours, escrow, other = (Identity.generate() for _ in range(3))
    file = encrypted(ours, escrow)
    assert opened(file, ours) == (PLAIN, None)
    assert opened(file, other, escrow) == (PLAIN, None)
    released, error = opened(file, other)
    assert (released, type(error)) == (b"", WrongKey)


def test_keys_are_read_as_the_tool_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    subprocess.run(["age-keygen", "-o", path], check=True, capture_output=True, timeout=60)
    second = Identity.generate()
    text = f"{path.read_text()}\n# another one\n{second.secret.get_secret_value()}\n"
    first, other = read_identities(text)
    assert str(first.recipient) in text
    assert other.recipient == second.recipient


@pytest.mark.parametrize("text", ["", "# only a comment\n", "age1qqqq\n", "AGE-SECRET-KEY-1NOTAKEY\n"])
def test_what_is_no_key_file_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"line 1 is|no key") as refusal:
        read_identities(text)
    assert "NOTAKEY" not in str(refusal.value)


@pytest.mark.parametrize("damage", ["altered", "missing", "duplicated", "reordered", "foreign", "extra"])
def test_a_chunk_that_is_not_the_one_releases_none_of_its_bytes(damage: str) -> None:
    """The whole file in one piece, so that the chunks before the bad one are not released either, or only they are."""
    identity = Identity.generate()
    file = encrypted(identity)
    start = len(file) - 4 * SEALED_CHUNK_BYTES
    one, two, three, four = (file[start + n * SEALED_CHUNK_BYTES :][:SEALED_CHUNK_BYTES] for n in range(4))
    foreign = encrypted(identity)[start + SEALED_CHUNK_BYTES :][:SEALED_CHUNK_BYTES]
    chunks = {
        "altered": [one, bytes([two[0] ^ 1]) + two[1:], three, four],
        "missing": [one, three, four],
        "duplicated": [one, one, two, three, four],
        "reordered": [one, three, two, four],
        "foreign": [one, foreign, three, four],
        "extra": [one, two, three, four, four],
    }[damage]
    decryptor = AgeDecryptor([identity])
    released = decryptor.update(file[:start])
    with pytest.raises(DamagedFile):
        for chunk in chunks:
            released += decryptor.update(chunk)
        released += decryptor.finish()
    # A full chunk is opened once a byte follows it, so an extra one is noticed where the last one was to be.
    right = 3 if damage == "extra" else 1
    assert released == PLAIN[: right * CHUNK]


@pytest.mark.parametrize("cut", [1, 15, 16, SEALED_CHUNK_BYTES, SEALED_CHUNK_BYTES + 1, 2 * SEALED_CHUNK_BYTES])
def test_a_file_of_the_wrong_size_is_refused(cut: int) -> None:
    identity = Identity.generate()
    released, error = opened(encrypted(identity)[:-cut], identity)
    assert isinstance(error, DamagedFile)
    assert PLAIN.startswith(released)


def test_files_for_keys_of_other_kinds_only_are_refused_with_their_names() -> None:
    key = b"k" * 16
    for kind in ("scrypt", "ssh-ed25519", "ssh-rsa", "piv-p256"):
        file = render([Stanza(kind, ("x",), b"body")], key) + b"n" * 16 + b"x" * 16
        released, error = opened(file, Identity.generate())
        assert (released, type(error)) == (b"", WrongKey)
        assert kind in str(error)


def test_a_file_of_the_tool_for_an_ssh_key_is_refused_clearly(tmp_path: Path) -> None:
    ssh_key = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    (tmp_path / "recipients").write_bytes(ssh_key + b"\n")
    file = subprocess.run(
        ["age", "-R", tmp_path / "recipients"], input=PLAIN, capture_output=True, check=True, timeout=60
    ).stdout
    released, error = opened(file, Identity.generate())
    assert (released, type(error)) == (b"", WrongKey)
    assert "ssh-ed25519" in str(error)
