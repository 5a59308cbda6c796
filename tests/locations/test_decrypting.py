"""`pgmanager decrypt` and `pgmanager identity` as commands."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.kit.age import AgeEncryptor, Identity
from app.locations.identity import adopt_identity, current_recipient, identities, rotate_identity
from app.runtime import Runtime
from tests.planted import plant

PLAIN = b"as pg_dump wrote it " * 10_000


@pytest.fixture
def identity() -> Identity:
    made = Identity.generate()
    plant("an age key", made.secret.get_secret_value())
    return made


@pytest.fixture
def key_file(identity: Identity, tmp_path: Path) -> Path:
    path = tmp_path / "key.txt"
    path.write_text(f"# public key: {identity.recipient}\n{identity.secret.get_secret_value()}\n")
    return path


@pytest.fixture
def encrypted(identity: Identity) -> bytes:
    encryptor = AgeEncryptor([Identity.generate().recipient, identity.recipient])
    return encryptor.update(PLAIN) + encryptor.finish()


def run(*arguments: str | Path, data: bytes = b"") -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=data)


def decrypt(*arguments: str | Path, data: bytes = b"") -> Result:
    return run("decrypt", *arguments, data=data)


def test_a_stream_is_opened_with_the_key_of_a_file_and_no_setting_at_all(key_file: Path, encrypted: bytes) -> None:
    done = decrypt("--identity", key_file, data=encrypted)
    assert (done.exit_code, done.stdout_bytes, done.stderr_bytes) == (0, PLAIN, b"")


def test_a_file_appears_only_whole(key_file: Path, encrypted: bytes, tmp_path: Path) -> None:
    file, output = tmp_path / "backup.dump.age", tmp_path / "backup.dump"
    file.write_bytes(encrypted[:-20])
    cut = decrypt(file, "--identity", key_file, "--output", output)
    assert (cut.exit_code, cut.stdout_bytes) == (1, b"")
    assert "ends too early" in cut.stderr
    assert not list(tmp_path.glob("backup.dump*[!e]"))
    file.write_bytes(encrypted)
    assert decrypt(file, "--identity", key_file, "--output", output).exit_code == 0
    assert output.read_bytes() == PLAIN
    assert stat.S_IMODE(output.stat().st_mode) == 0o600


def test_a_wrong_key_and_a_missing_file_have_exit_codes_of_their_own(encrypted: bytes, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    secret = Identity.generate().secret.get_secret_value()
    other.write_text(plant("an age key", secret))
    wrong = decrypt("--identity", other, data=encrypted)
    assert (wrong.exit_code, wrong.stdout_bytes) == (3, b"")
    assert decrypt(tmp_path / "absent", "--identity", other).exit_code == 2
    other.write_text("AGE-SECRET-KEY-1WRONG")
    refused = decrypt("--identity", other, data=encrypted)
    assert (refused.exit_code, refused.stdout_bytes) == (2, b"")
    assert "WRONG" not in refused.stderr


def test_secret_keys_are_printed_only_when_that_is_said() -> None:
    refused = run("identity", "export")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--reveal" in refused.stderr


async def test_a_new_key_is_for_what_comes_and_the_old_ones_still_open(runtime: Runtime, identity: Identity) -> None:
    ring = runtime.key_ring
    async with runtime.sessions() as session, session.begin():
        first = await current_recipient(session, ring)
        second = await rotate_identity(session, ring)
        assert await adopt_identity(session, ring, identity)
        assert not await adopt_identity(session, ring, identity)
        assert await current_recipient(session, ring) == second
        found = [one.recipient for one in await identities(session, ring)]
    assert found[0] == second
    assert set(found) == {first, second, identity.recipient}


async def test_the_first_key_that_is_taken_in_becomes_the_current_one(runtime: Runtime, identity: Identity) -> None:
    async with runtime.sessions() as session, session.begin():
        assert await adopt_identity(session, runtime.key_ring, identity)
        assert await current_recipient(session, runtime.key_ring) == identity.recipient
