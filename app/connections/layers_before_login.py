"""The layers up to the login: name, network, TLS, and how the server asks who we are. No password is sent."""

import asyncio
import ssl
from datetime import timedelta
from typing import Any, Final

from app.connections.certificate_looking import refusal_of
from app.connections.findings import Findings
from app.connections.troubles.trouble import Layer
from app.connections.troubleshooting import trouble_of_certificate, trouble_of_state
from app.kit.clock import Clock
from app.postgres import tls_probe
from app.postgres.certificate_facts import CertificateFacts
from app.postgres.connect import Target, TlsMode
from app.postgres.tls_probe import Encryption, Kind, Wire, opened

_PRIVATE: Final = ".railway.internal"
_SECONDS: Final = 3.0
_HANDSHAKE_SECONDS: Final = 3.0
_SOON: Final = timedelta(days=30)
_VERIFYING: Final = (TlsMode.VERIFY_CA, TlsMode.VERIFY_FULL)
_OLD: Final = ("TLSv1", "TLSv1.1", "SSLv3")
_METHODS: Final = {"md5": "AUTH_MD5", "password": "AUTH_CLEAR", "none": "AUTH_NONE"}


async def reach(target: Target, findings: Findings) -> bool:
    """DNS and TCP."""
    try:
        async with asyncio.timeout(_SECONDS):
            addresses = await tls_probe.resolve(target.host, target.port)
    except (OSError, TimeoutError) as error:
        said = getattr(error, "strerror", None) or "the resolver did not answer"
        code = "PRIVATE_NAME" if target.host.endswith(_PRIVATE) else "NAME_UNKNOWN"
        findings.fail(code, f"{target.host} does not resolve here: {said}.", host=target.host)
        return False
    findings.ok(Layer.DNS, f"{target.host} resolves.", addresses=addresses)
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(_SECONDS), opened(target.host, target.port):
            taken = (loop.time() - began) * 1000
    except TimeoutError:
        findings.fail("NO_ANSWER", f"{target.host}:{target.port} did not answer within {_SECONDS:.0f} s.")
        return False
    except OSError as error:
        code = "REFUSED" if isinstance(error, ConnectionRefusedError) else "NO_ANSWER"
        findings.fail(code, f"{target.host}:{target.port}: {error.strerror or error}.")
        return False
    findings.ok(Layer.TCP, "Something listens there.", milliseconds=round(taken, 1))
    return True


async def encrypt(target: Target, findings: Findings, clock: Clock) -> bool:
    """TLS: what is shown, and whether who connects as the target says would take it. Then the first word of the login."""
    try:
        async with asyncio.timeout(_HANDSHAKE_SECONDS):
            if target.tls is not TlsMode.DISABLE:
                async with opened(target.host, target.port) as wire:
                    shown = await wire.encrypt(tls_probe.trusting_context(), target.host)
                    await _judge(target, shown, findings, clock)
                    await _knock(wire, target, findings)
                return not findings.has_failed(Layer.TLS)
            findings.warn("TLS_OFF")
            async with opened(target.host, target.port) as wire:
                await _knock(wire, target, findings)
    except tls_probe.NoTls:
        return await _without(target, findings)
    except tls_probe.NotPostgres:
        findings.fail("NOT_POSTGRES")
    except TimeoutError:
        findings.fail(
            "NO_ANSWER", f"It took the connection and said nothing within {_HANDSHAKE_SECONDS:.0f} s.", layer=Layer.TLS
        )
    except ssl.SSLError as error:
        findings.fail("TLS_PROTOCOL", f"The handshake failed: {error.reason}.")
    except OSError:
        findings.fail("CLOSED_EARLY", layer=Layer.TLS)
    return not findings.has_failed(Layer.TLS)


async def _judge(target: Target, shown: Encryption, findings: Findings, clock: Clock) -> None:
    leaf = CertificateFacts.of(shown.leaf)
    findings.ok(
        Layer.TLS,
        "Encrypted, by a certificate that is trusted.",
        protocol=shown.protocol,
        cipher=shown.cipher,
        subject=leaf.subject,
        issuer=leaf.issuer,
        names=list(leaf.names),
        not_after=leaf.not_after.isoformat(),
        fingerprint=leaf.fingerprint,
        sent=len(shown.chain),
    )
    refusal = await refusal_of(target)
    must = target.tls in _VERIFYING
    is_expired = leaf.not_after < clock()
    if refusal is not None and (must or target.ca_pem is not None):
        say = findings.fail if must else findings.warn
        say(trouble_of_certificate(refusal.verify_code).code, f"It is not trusted: {refusal.verify_message}.")
    if shown.protocol in _OLD:
        findings.warn("TLS_PROTOCOL", f"The server speaks {shown.protocol}, which is outdated.")
    if is_expired:
        findings.warn("TLS_EXPIRED", f"The certificate expired at {leaf.not_after:%Y-%m-%d %H:%M} UTC.")
    elif leaf.not_after - clock() < _SOON:
        findings.warn("TLS_EXPIRES_SOON", f"The certificate expires at {leaf.not_after:%Y-%m-%d %H:%M} UTC.")
    if not must:
        findings.warn("TLS_UNPINNED")


async def _knock(wire: Wire, target: Target, findings: Findings) -> None:
    """Only what is bad is told here: whether the password is right is for the login."""
    answer = await wire.knock(target.user, target.database)
    if answer.kind is Kind.ASKS:
        facts: dict[str, Any] = {"method": answer.method, "channel_binding": answer.binds_channel}
        if (code := _METHODS.get(answer.method or "")) is not None:
            findings.warn(code, **facts)
        else:
            findings.ok(Layer.AUTHENTICATION, f"The server asks by {answer.method}.", **facts)
        return
    found = trouble_of_state(answer.sqlstate, answer.said or "")
    if found is None:
        findings.failed(Layer.AUTHENTICATION, f"The server refuses: {answer.said}.", sqlstate=answer.sqlstate)
    else:
        findings.fail(
            found.code, f"The server refuses: {answer.said}.", layer=Layer.AUTHENTICATION, sqlstate=answer.sqlstate
        )


async def _without(target: Target, findings: Findings) -> bool:
    if target.tls is not TlsMode.PREFER:
        findings.fail("TLS_NOT_OFFERED")
        return False
    findings.warn("TLS_OFF", "The server offers no TLS, and sslmode=prefer goes on without.")
    return True
