"""The one place that knows the HTTP client: a plain one, and one that may call only what users are allowed to name."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any

import httpx

from app import __version__
from app.errors import Forbidden, Unavailable, Unprocessable
from app.kit.addresses import Address, is_public, literal_address, may_be_public

CONNECT_SECONDS = 5.0
HTTPS_PORT, HTTP_PORT = 443, 80
LONGEST_REASON = 200
LARGEST_ANSWER = 32 << 20
_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})  # a status that another time may be a better one
USER_AGENT = f"railway-postgres-manager/{__version__}"

HttpError = httpx.HTTPError

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]


class AddressForbidden(Forbidden):
    code, title = "ADDRESS_FORBIDDEN", "The address may not be called"


class NoAnswer(Unavailable):
    """``sent`` is false where it is certain that the other side has seen nothing of the request."""

    code, title = "NO_ANSWER", "The address does not answer"

    def __init__(self, detail: str, *, sent: bool = True) -> None:
        super().__init__(detail)
        self.sent = sent


class DownloadRefused(Unprocessable):
    code, title = "SOURCE_REFUSED", "The address does not give the file"


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` are asked without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@cache
def _public_tls() -> ssl.SSLContext:
    """Trusts the usual roots. Shared by all clients: to read those takes longer than most calls."""
    return httpx.create_ssl_context(trust_env=False)


def http_client(
    base_url: str, *, headers: Mapping[str, str] | None = None, timeout_seconds: float = 30.0
) -> httpx.AsyncClient:
    """A client that follows no redirect and reads nothing of the environment: no proxy, no ``.netrc``."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers=dict(headers or {}),
        timeout=httpx.Timeout(timeout_seconds, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        verify=_public_tls(),
    )


async def resolve(host: str, port: int) -> Sequence[Address]:
    """Asks this machine's resolver. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(place[0]) for *_, place in found]


class JsonClient:
    """Posts JSON to addresses that the operator chose, over connections that are kept."""

    def __init__(self) -> None:
        self._client = http_client("", headers={"Accept": "application/json", "User-Agent": USER_AGENT})

    async def post(self, url: str, content: Any, *, headers: Mapping[str, str], timeout_seconds: float) -> Answer:
        """Whatever the answer is, whole and within ``timeout_seconds``. Raises NoAnswer."""
        host, sent = httpx.URL(url).host, False

        async def trace(event: str, _: Mapping[str, Any]) -> None:
            nonlocal sent
            sent = sent or "send_request" in event

        try:
            async with (
                asyncio.timeout(timeout_seconds),
                self._client.stream(
                    "POST",
                    url,
                    json=content,
                    headers=dict(headers),
                    timeout=httpx.Timeout(timeout_seconds, connect=CONNECT_SECONDS),
                    extensions={"trace": trace},
                ) as response,
            ):
                return Answer(response.status_code, response.headers, await _body(response))
        except TimeoutError:
            detail = f"{host} did not answer within {timeout_seconds:.0f} seconds."
            raise NoAnswer(detail, sent=sent) from None
        except httpx.HTTPError as error:
            reason = str(error)[:LONGEST_REASON] or type(error).__name__
            raise NoAnswer(f"{host} cannot be asked: {reason}", sent=sent) from error

    async def aclose(self) -> None:
        await self._client.aclose()


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Judges where a URL leads: public addresses by TLS, unless private ones are allowed, and with them plain HTTP."""

    allow_private: bool = False
    resolve: Resolve = resolve
    allows: Callable[[Address], bool] = is_public

    async def addresses(self, url: httpx.URL) -> Sequence[Address]:
        """All that ``url`` leads to, in the resolver's order. Raises AddressForbidden, and OSError for an unknown name."""
        if url.userinfo or url.scheme not in ("https", "http"):
            raise AddressForbidden("The address must be of the form https://host/path, without a user.")
        if self.allow_private:
            return await self._found(url)
        if url.scheme != "https":
            raise AddressForbidden(f"{url.host} would be called without TLS: use https.")
        if not may_be_public(url.host):
            raise _not_public(url.host)
        found = await self._found(url)
        if not all(self.allows(address) for address in found):
            raise _not_public(url.host)
        return found

    async def _found(self, url: httpx.URL) -> Sequence[Address]:
        literal = literal_address(url.host)
        return [literal] if literal else await self.resolve(url.host, port_of(url))


async def post_guarded(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    guard: AddressGuard,
    timeout_seconds: float,
    tls: ssl.SSLContext | None = None,
) -> int:
    """The status of the answer, of which nothing else is read. Raises AddressForbidden and NoAnswer.

    The connection goes to an address that was judged, so a name that changes its mind leads nowhere else; certificate and
    Host are those of the name. Errors name the host only: the rest of the URL may be a secret.
    """
    target = _parsed(url)
    try:
        async with asyncio.timeout(timeout_seconds):
            addresses = await guard.addresses(target)
            async with httpx.AsyncClient(
                follow_redirects=False,
                trust_env=False,
                timeout=httpx.Timeout(timeout_seconds, connect=CONNECT_SECONDS),
                verify=tls or _public_tls(),
            ) as client:
                response = await _send(client, "POST", target, addresses, headers=headers, body=body)
                await response.aclose()
                return response.status_code
    except TimeoutError:
        raise NoAnswer(f"{target.host} did not answer within {timeout_seconds:.0f} seconds.") from None
    except (httpx.HTTPError, OSError) as error:
        reason = str(error)[:LONGEST_REASON] or type(error).__name__
        raise NoAnswer(f"{target.host} cannot be called: {reason}") from error


@dataclass(frozen=True, slots=True)
class Download:
    """``size_bytes`` is what the other side announced, None when it did not. ``chunks`` raises NoAnswer."""

    size_bytes: int | None
    chunks: AsyncIterator[bytes]


@asynccontextmanager
async def download_guarded(
    url: str, *, guard: AddressGuard, silence_seconds: float, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[Download]:
    """The file behind ``url``, byte by byte as it is there. Raises AddressForbidden, DownloadRefused and NoAnswer.

    Goes to an address that was judged, follows no redirect, and leaves whoever is silent for ``silence_seconds``. Errors
    name the host only: the rest of the URL may be a secret.
    """
    target = _parsed(url)
    # Bytes are passed on while this waits, so the whole may take as long as it moves.
    timeout = httpx.Timeout(silence_seconds, connect=CONNECT_SECONDS)
    async with httpx.AsyncClient(
        follow_redirects=False, trust_env=False, timeout=timeout, verify=tls or _public_tls()
    ) as client:
        with _failing(target.host):
            async with asyncio.timeout(silence_seconds):
                addresses = await guard.addresses(target)
            headers = {"Accept-Encoding": "identity", "User-Agent": USER_AGENT}
            response = await _send(client, "GET", target, addresses, headers=headers)
        try:
            yield Download(_size_of(response, target.host), _chunks(response, target.host))
        finally:
            with suppress(httpx.HTTPError, OSError):
                await response.aclose()


def _size_of(response: httpx.Response, host: str) -> int | None:
    status = response.status_code
    if status in _LATER:
        raise NoAnswer(f"{host} answers with status {status}.")
    if status != httpx.codes.OK:
        where = " It leads elsewhere: give the address of the file itself." if response.is_redirect else ""
        raise DownloadRefused(
            f"{host} answers with status {status} instead of the file.{where}", status_of_source=status
        )
    if response.headers.get("content-encoding", "identity") != "identity":
        raise DownloadRefused(f"{host} sends the file in another encoding than the one that was asked for.")
    length = response.headers.get("content-length")
    return int(length) if length is not None and length.isdecimal() else None


async def _chunks(response: httpx.Response, host: str) -> AsyncGenerator[bytes]:
    with _failing(host):
        async for chunk in response.aiter_raw():
            yield chunk


@contextmanager
def _failing(host: str) -> Generator[None]:
    try:
        yield
    except TimeoutError:
        raise NoAnswer(f"{host} did not answer in time.") from None
    except (httpx.HTTPError, OSError) as error:
        reason = str(error)[:LONGEST_REASON] or type(error).__name__
        raise NoAnswer(f"{host} cannot be called: {reason}") from error


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise NoAnswer(f"{response.url.host} answers with more than {LARGEST_ANSWER >> 20} MiB.")
    return bytes(body)


async def _send(
    client: httpx.AsyncClient,
    method: str,
    url: httpx.URL,
    addresses: Sequence[Address],
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
) -> httpx.Response:
    """The answer's head; its body is the caller's, who closes it."""
    last: Exception = OSError("the name has no address")
    for address in addresses:
        request = client.build_request(
            method,
            url.copy_with(host=str(address)),
            content=body,
            headers={**headers, "Host": url.netloc.decode("ascii")},
            extensions={"sni_hostname": url.host},
        )
        try:
            return await client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            last = error  # nothing was sent yet: the next address is as good
    raise last


def port_of(url: httpx.URL) -> int:
    return url.port or (HTTPS_PORT if url.scheme == "https" else HTTP_PORT)


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL:
        raise AddressForbidden("The address to call is no URL.") from None


def _not_public(host: str) -> AddressForbidden:
    return AddressForbidden(
        f"{host} is on a loopback, private or link-local address. An operator can allow such addresses in the settings."
    )
