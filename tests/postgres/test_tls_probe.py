"""What a server shows to who has not logged in, asked by our own messages."""

import ssl
from dataclasses import replace

import pytest
from cryptography import x509

from app.postgres import tls_probe
from app.postgres.certificate_facts import CertificateFacts, certificates_in, is_issued_by, root_among
from app.postgres.certificates import issue_root, issue_server
from app.postgres.connect import Target, TlsMode, tls_context
from app.postgres.tls_probe import Kind, NoTls, NotPostgres
from tests.connections.listening import answering


async def test_a_server_shows_its_certificate_and_how_it_asks_for_passwords(target: Target) -> None:
    async with tls_probe.opened(target.host, target.port) as wire:
        shown = await wire.encrypt(tls_context(target), target.host)
        answer = await wire.knock(target.user, target.database)
    assert (shown.protocol, answer.kind, answer.method, answer.binds_channel) == (
        "TLSv1.3",
        Kind.ASKS,
        "scram-sha-256",
        True,
    )
    (pinned,) = certificates_in(target.ca_pem or "")
    assert is_issued_by(shown.leaf, pinned)
    assert CertificateFacts.of(shown.leaf).names == ("localhost", "127.0.0.1", "::1")
    async with tls_probe.opened(target.host, target.port) as wire:
        plain = await wire.knock(target.user, target.database)
    assert (plain.kind, plain.binds_channel) == (Kind.ASKS, False)


async def test_who_checks_the_certificate_is_told_what_is_against_it(target: Target) -> None:
    other = replace(target, tls=TlsMode.VERIFY_CA, ca_pem=issue_root("another").certificate_pem.decode())
    async with tls_probe.opened(target.host, target.port) as wire:
        with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
            await wire.encrypt(tls_context(other), target.host)


async def test_a_refusal_before_the_password_carries_its_sqlstate(target: Target) -> None:
    async with tls_probe.opened(target.host, target.port) as wire:
        answer = await wire.knock("", target.database)
    assert (answer.kind, answer.sqlstate) == (Kind.REFUSES, "28000")
    assert answer.said is not None


async def test_a_server_without_tls_says_so() -> None:
    async with answering(b"N") as port, tls_probe.opened("127.0.0.1", port) as wire:
        with pytest.raises(NoTls):
            await wire.encrypt(tls_probe.trusting_context(), "127.0.0.1")


async def test_what_is_no_server_is_not_spoken_to() -> None:
    for answer in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"R\x00\x00\x00\x01"):
        async with answering(answer) as port, tls_probe.opened("127.0.0.1", port) as wire:
            with pytest.raises(NotPostgres):
                await wire.knock("postgres", "postgres")


def test_a_root_is_one_certificate_that_signs_itself_and_the_chain() -> None:
    root, other = issue_root("root"), issue_root("other")
    leaf, authority, stranger = (
        x509.load_pem_x509_certificate(one.certificate_pem) for one in (issue_server(root), root, other)
    )
    assert root_among([leaf, authority]) == authority
    assert root_among([leaf], [stranger, authority]) == authority
    assert root_among([leaf], [stranger]) is None
    assert root_among([authority]) == authority
    assert certificates_in("no certificate") == []
