"""Verifiers that we compute, against the standard's own example and against a server that checks them."""

import base64
import hashlib
import hmac

import pytest
from pydantic import SecretStr

from app.postgres.connect import Session, Target
from app.postgres.identifiers import literal, quoted
from app.postgres.logins import refusal_of
from app.postgres.scram import ITERATIONS, is_verified_by, prepared, verifier
from tests.sessions import connect


def test_the_example_of_rfc_7677() -> None:
    """Of its exchange the server's signature is made with one of our keys, and the client's proof is checked by the other."""
    nonce = "rOprNGfwEbeRWgbNEkqO"
    both = f"{nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    salt = "W22ZaJ0SNY7soEsUEjb6gQ=="
    exchange = f"n=user,r={nonce},r={both},s={salt},i=4096,c=biws,r={both}".encode()
    kept = verifier(SecretStr("pencil"), salt=base64.b64decode(salt))
    stored_key, server_key = (base64.b64decode(key) for key in kept.rpartition("$")[2].split(":"))
    signature = hmac.digest(server_key, exchange, "sha256")
    assert base64.b64encode(signature).decode() == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    proof = base64.b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    mask = hmac.digest(stored_key, exchange, "sha256")
    client_key = bytes(one ^ other for one, other in zip(proof, mask, strict=True))
    assert hashlib.sha256(client_key).digest() == stored_key


def test_each_verifier_has_a_salt_of_its_own() -> None:
    one, other = verifier(SecretStr("pencil")), verifier(SecretStr("pencil"))
    assert one != other
    assert one.startswith(f"SCRAM-SHA-256${ITERATIONS}:")
    assert is_verified_by(SecretStr("pencil"), one)
    assert not is_verified_by(SecretStr("Pencil"), one)


@pytest.mark.parametrize(
    "kept", ["", "md5c4ca4238a0b923820dcc509a6f75849b", "SCRAM-SHA-1$1:a$b:c", "SCRAM-SHA-256$x$y"]
)
def test_what_is_no_verifier_of_this_kind_verifies_nothing(kept: str) -> None:
    assert not is_verified_by(SecretStr("pencil"), kept)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("I\u00adX", "IX"),  # the examples of RFC 4013, section 3
        ("user", "user"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u0007", "\u0007"),  # prohibited, and so taken as it is
        ("\u0627\u0031", "\u0627\u0031"),  # of two directions
    ],
)
def test_passwords_are_prepared_by_saslprep_and_left_alone_where_it_refuses_them(written: str, read: str) -> None:
    assert prepared(written) == read.encode()


@pytest.fixture
async def role(admin: Session, unique: str) -> str:
    await admin.execute(f"CREATE ROLE {quoted(unique)} LOGIN")
    return unique


@pytest.mark.parametrize(
    "password",
    [
        "pencil",
        "p'a\"s\\s w%rd",
        "pässwörd ßecret",
        "пароль密码🔑",
        "I\u00adX\u2168",
        "a\u00a0b",
        "\u0627\u0031",
        "\u0007x",
    ],
)
async def test_a_server_lets_in_whoever_knows_the_password(
    admin: Session, target: Target, role: str, password: str
) -> None:
    secret = SecretStr(password)
    await admin.execute(f"ALTER ROLE {quoted(role)} PASSWORD {literal(verifier(secret))}")
    try:
        login = Target(target.host, target.port, role, secret, "postgres", target.tls, target.ca_pem)
        assert await refusal_of(login) is None
        async with connect(login, application_name="test") as session:
            assert await session.fetchval("SELECT current_user") == role
        wrong = Target(target.host, target.port, role, SecretStr(password + "x"), "postgres", target.tls, target.ca_pem)
        assert "refused the password" in (await refusal_of(wrong) or "")
        kept = await admin.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = $1", role)
        assert is_verified_by(secret, kept)
    finally:
        await admin.execute(f"DROP ROLE {quoted(role)}")


async def test_the_servers_own_verifier_is_understood(admin: Session, role: str) -> None:
    await admin.execute(f"ALTER ROLE {quoted(role)} PASSWORD 'pässwörd'")
    try:
        kept = await admin.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = $1", role)
        assert is_verified_by(SecretStr("pässwörd"), kept)
        assert not is_verified_by(SecretStr("passwort"), kept)
    finally:
        await admin.execute(f"DROP ROLE {quoted(role)}")
