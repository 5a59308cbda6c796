"""Both directions against the ``age`` tool (Debian's package ``age``): our files are its files."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.kit.age import AgeDecryptor, AgeEncryptor, Identity, Recipient

SIZES = [0, 1, 65_535, 65_536, 65_537, 131_072, 10 * 1024 * 1024]


def run(*command: str | Path, data: bytes = b"") -> bytes:
    done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key.txt"
    run("age-keygen", "-o", path)
    return path


@pytest.fixture
def identity(key_file: Path) -> Identity:
    return Identity.parse(key_file.read_text().splitlines()[-1])


def plaintext_of(size_bytes: int) -> bytes:
    pattern = bytes(range(251))  # a prime length, so that no two chunks are alike
    return (pattern * (size_bytes // len(pattern) + 1))[:size_bytes]


def encrypt(plaintext: bytes, *identities: Identity) -> bytes:
    encryptor = AgeEncryptor([identity.recipient for identity in identities])
    step = 300_000
    parts = [encryptor.update(plaintext[place : place + step]) for place in range(0, len(plaintext), step)]
    return b"".join([*parts, encryptor.finish()])


def decrypt(file: bytes, identity: Identity) -> bytes:
    decryptor = AgeDecryptor([identity])
    step = 300_000
    parts = [decryptor.update(file[place : place + step]) for place in range(0, len(file), step)]
    return b"".join([*parts, decryptor.finish()])


def test_the_tool_s_keys_are_ours_and_ours_are_the_tool_s(key_file: Path, identity: Identity) -> None:
    recipient = run("age-keygen", "-y", key_file).decode().strip()
    assert str(identity.recipient) == recipient
    assert Recipient.parse(recipient) == identity.recipient
    made_here = Identity.generate()
    shown = run("age-keygen", "-y", data=made_here.secret.get_secret_value().encode()).decode().strip()
    assert shown == str(made_here.recipient)


@pytest.mark.parametrize("size_bytes", SIZES)
def test_the_tool_reads_what_we_wrote(size_bytes: int, key_file: Path, identity: Identity) -> None:
    plaintext = plaintext_of(size_bytes)
    assert run("age", "-d", "-i", key_file, data=encrypt(plaintext, identity)) == plaintext


@pytest.mark.parametrize("size_bytes", SIZES)
def test_we_read_what_the_tool_wrote(size_bytes: int, identity: Identity) -> None:
    plaintext = plaintext_of(size_bytes)
    file = run("age", "-r", str(identity.recipient), data=plaintext)
    assert decrypt(file, identity) == plaintext
    assert len(file) == len(encrypt(plaintext, identity))


def test_several_recipients_work_in_both_directions(key_file: Path, identity: Identity) -> None:
    others = [Identity.generate(), Identity.generate()]
    assert run("age", "-d", "-i", key_file, data=encrypt(b"ours", others[0], identity, others[1])) == b"ours"
    arguments = [part for one in (others[0], identity, others[1]) for part in ("-r", str(one.recipient))]
    file = run("age", *arguments, data=b"theirs")
    assert [decrypt(file, one) for one in (*others, identity)] == [b"theirs"] * 3


def test_a_recipient_of_another_kind_in_the_tool_s_file_is_skipped(tmp_path: Path, identity: Identity) -> None:
    ssh_key = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    (tmp_path / "recipients").write_text(f"{ssh_key.decode()}\n{identity.recipient}\n")
    file = run("age", "-R", tmp_path / "recipients", data=b"for two kinds")
    assert file.index(b"-> ssh-ed25519") < file.index(b"-> X25519")
    assert decrypt(file, identity) == b"for two kinds"
