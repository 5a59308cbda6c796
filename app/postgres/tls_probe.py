"""What a server shows before a login: its addresses, whether it speaks TLS and how, its certificates, how it asks who we are.

Nothing secret is sent, so this may be done to whoever answers at an address.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cryptography import x509

from app.postgres.connect import Target

_SSL_REQUEST: Final = struct.pack("!ii", 8, 80877103)
_PROTOCOL: Final = 3 << 16
_CHUNK: Final = 16 * 1024
_LENGTHS: Final = range(4, 64 * 1024)  # of a message, which counts its own length
# The codes of AuthenticationRequest, in the protocol's chapter on message formats.
_METHODS: Final = {0: "none", 3: "password", 5: "md5", 7: "gss", 9: "sspi", 10: "scram-sha-256"}
_BOUND: Final = b"SCRAM-SHA-256-PLUS"


class NoTls(Exception):
    """The server answered that it offers none."""


class NotPostgres(Exception):
    """What answered does not speak PostgreSQL's protocol."""


@dataclass(frozen=True, slots=True)
class Encryption:
    """``chain`` begins with the server's own certificate; what follows is what the server chose to send."""

    protocol: str
    cipher: str
    chain: tuple[x509.Certificate, ...]

    @property
    def leaf(self) -> x509.Certificate:
        return self.chain[0]


class Kind(StrEnum):
    ASKS = "asks"
    REFUSES = "refuses"


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """To who wants in: by which ``method`` the server wants it proven, or its refusal.

    ``binds_channel``: its proof may cover the certificate (SCRAM-SHA-256-PLUS).
    """

    kind: Kind
    method: str | None = None
    binds_channel: bool = False
    sqlstate: str | None = None
    said: str | None = None


async def resolve(host: str, port: int) -> list[str]:
    """Raises OSError, of which socket.gaierror is one."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Wire:
    """A connection that has not been logged in by."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()

    async def encrypt(self, context: ssl.SSLContext, host: str) -> Encryption:
        """Raises NoTls, NotPostgres, ssl.SSLError as the context wants it, OSError."""
        self._writer.write(_SSL_REQUEST)
        match await self._reader.read(1):
            case b"S":
                pass
            case b"N":
                raise NoTls
            case b"":
                raise ConnectionResetError("it closed the connection before it answered")
            case _:
                raise NotPostgres
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._flush()
                await self._feed()
            except ssl.SSLError:
                await self._flush()  # the alert tells the other side why
                raise
        await self._flush()
        self._tls = tls
        return Encryption(tls.version() or "unknown", (tls.cipher() or ("unknown",))[0], _chain_of(tls))

    async def knock(self, user: str, database: str) -> FirstAnswer:
        """The first message of a login, and what comes back. Raises NotPostgres, OSError."""
        words = b"".join(word.encode() + b"\0" for word in ("user", user, "database", database)) + b"\0"
        await self._send(struct.pack("!ii", 8 + len(words), _PROTOCOL) + words)
        kind, length = struct.unpack("!ci", await self._receive(5))
        if kind not in (b"R", b"E") or length not in _LENGTHS:
            raise NotPostgres
        body = await self._receive(length - 4)
        if kind == b"E":
            fields = {field[:1]: field[1:].decode(errors="replace") for field in body.split(b"\0") if field}
            return FirstAnswer(Kind.REFUSES, sqlstate=fields.get(b"C"), said=fields.get(b"M"))
        (code,) = struct.unpack("!i", body[:4])
        return FirstAnswer(Kind.ASKS, _METHODS.get(code, f"method {code}"), _BOUND in body[4:].split(b"\0"))

    async def _send(self, message: bytes) -> None:
        if self._tls is None:
            self._writer.write(message)
            await self._writer.drain()
            return
        self._tls.write(message)
        await self._flush()

    async def _receive(self, size: int) -> bytes:
        if self._tls is None:
            try:
                return await self._reader.readexactly(size)
            except asyncio.IncompleteReadError as error:
                raise ConnectionResetError("it closed the connection") from error
        received = b""
        while len(received) < size:
            try:
                chunk = self._tls.read(size - len(received))
            except ssl.SSLWantReadError:
                await self._feed()
                continue
            if not chunk:
                raise ConnectionResetError("it closed the connection")
            received += chunk
        return received

    async def _feed(self) -> None:
        chunk = await self._reader.read(_CHUNK)
        if not chunk:
            raise ConnectionResetError("it closed the connection during the TLS handshake")
        self._incoming.write(chunk)

    async def _flush(self) -> None:
        if self._outgoing.pending:
            self._writer.write(self._outgoing.read())
        await self._writer.drain()


@asynccontextmanager
async def opened(host: str, port: int) -> AsyncGenerator[Wire]:
    """Bounded by the caller. Raises OSError."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


async def shown_by(target: Target) -> Encryption:
    """Whatever certificate it is. Raises NoTls, NotPostgres, ssl.SSLError, OSError."""
    async with opened(target.host, target.port) as wire:
        return await wire.encrypt(trusting_context(), target.host)


def trusting_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["postgresql"])
    return context


def _chain_of(tls: ssl.SSLObject) -> tuple[x509.Certificate, ...]:
    # Public since Python 3.13 only, where it gives bytes; before, the same method of the object behind gives certificates.
    public: Any = getattr(tls, "get_unverified_chain", None)
    found: Sequence[Any] = (public or tls._sslobj.get_unverified_chain)()  # type: ignore[attr-defined]  # noqa: SLF001 (as said)
    return tuple(_certificate(one) for one in found)


def _certificate(shown: Any) -> x509.Certificate:
    if isinstance(shown, bytes):
        return x509.load_der_x509_certificate(shown)
    return x509.load_pem_x509_certificate(shown.public_bytes().encode())
