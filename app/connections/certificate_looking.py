"""Looking at the certificate that a server shows now, and at what would be pinned of it."""

import asyncio
import ssl
from dataclasses import dataclass, replace
from typing import Final

from cryptography import x509

from app.connections.models import CertificateState
from app.errors import Problem
from app.postgres import tls_probe
from app.postgres.certificate_facts import CertificateFacts, certificates_in, root_among
from app.postgres.connect import Target, TlsMode, connect, tls_context
from app.postgres.errors import ServerUnreachable, translate
from app.postgres.server_roots import root_certificates

_SECONDS: Final = 10.0
_EXPIRED: Final = 10  # X509_V_ERR_CERT_HAS_EXPIRED; what nobody trusts is found before what is too old
VERIFYING: Final = frozenset({TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL})


@dataclass(frozen=True, slots=True)
class Look:
    """``root`` signed what is shown, as far as that can be known; ``reason`` says what is wrong."""

    state: CertificateState
    reason: str | None = None
    shown: CertificateFacts | None = None
    root: CertificateFacts | None = None

    @property
    def first_to_expire(self) -> CertificateFacts | None:
        """Of the two the one that expires first."""
        return min((one for one in (self.shown, self.root) if one), key=lambda one: one.not_after, default=None)


async def look_at(target: Target, *, may_log_in: bool) -> Look:
    """``may_log_in``: without checking the certificate first, to ask the server for its root.

    Raises ServerUnreachable, TlsFailed.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            encryption = await tls_probe.shown_by(target)
            refusal = await refusal_of(target)
    except tls_probe.NoTls:
        return Look(CertificateState.NO_TLS, "the server offers no TLS")
    except tls_probe.NotPostgres as error:
        raise ServerUnreachable(
            f"What listens at {target.host}:{target.port} is no PostgreSQL server: check the port."
        ) from error
    except (OSError, ssl.SSLError) as error:
        raise translate(error, target) from error
    root = root_among(encryption.chain, certificates_in(target.ca_pem or ""))
    if root is None and may_log_in:
        root = root_among(encryption.chain, await _roots_beside_it(target))
    state, reason = _judged(target, refusal)
    return Look(state, reason, CertificateFacts.of(encryption.leaf), CertificateFacts.of(root) if root else None)


async def refusal_of(target: Target) -> ssl.SSLCertVerificationError | None:
    """What somebody has against the certificate who trusts the pinned root only, or the machine's where there is none."""
    mode = target.tls if target.tls in VERIFYING else TlsMode.VERIFY_CA
    async with tls_probe.opened(target.host, target.port) as wire:
        try:
            await wire.encrypt(tls_context(replace(target, tls=mode)), target.host)
        except ssl.SSLCertVerificationError as refusal:
            return refusal
    return None


def _judged(target: Target, refusal: ssl.SSLCertVerificationError | None) -> tuple[CertificateState, str | None]:
    is_pinned = target.ca_pem is not None or target.tls in VERIFYING
    if refusal is not None and refusal.verify_code == _EXPIRED:
        return CertificateState.EXPIRED, "it has expired"
    if not is_pinned:
        public = " (the roots of this machine trust it: sslmode=verify-full checks it without a pin)"
        return CertificateState.UNPINNED, f"no root is pinned{'' if refusal else public}"
    if refusal is not None:
        return CertificateState.CHANGED, refusal.verify_message
    return CertificateState.TRUSTED, None


async def _roots_beside_it(target: Target) -> list[x509.Certificate]:
    """What a server in between would answer here is of no use to it: a root is pinned only if a login is bound to it."""
    try:
        async with connect(replace(target, tls=TlsMode.REQUIRE), application_name="pgmanager certificate") as session:
            return await root_certificates(session)
    except Problem:
        return []
