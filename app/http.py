"""The one place that knows the HTTP client: a plain one, and one that may call only what users are allowed to name."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import httpx

from app import __version__
from app.errors import Forbidden, Unavailable
from app.kit.addresses import Address, is_public, literal_address, may_be_public

CONNECT_SECONDS = 5.0
HTTPS_PORT, HTTP_PORT = 443, 80
LONGEST_REASON = 200
LARGEST_ANSWER = 32 << 20
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


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` are asked without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


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
                verify=tls or True,
            ) as client:
                return await _post(client, target, addresses, body, headers)
    except TimeoutError:
        raise NoAnswer(f"{target.host} did not answer within {timeout_seconds:.0f} seconds.") from None
    except (httpx.HTTPError, OSError) as error:
        reason = str(error)[:LONGEST_REASON] or type(error).__name__
        raise NoAnswer(f"{target.host} cannot be called: {reason}") from error


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise NoAnswer(f"{response.url.host} answers with more than {LARGEST_ANSWER >> 20} MiB.")
    return bytes(body)


async def _post(
    client: httpx.AsyncClient, url: httpx.URL, addresses: Sequence[Address], body: bytes, headers: Mapping[str, str]
) -> int:
    last: Exception = OSError("the name has no address")
    for address in addresses:
        request = client.build_request(
            "POST",
            url.copy_with(host=str(address)),
            content=body,
            headers={**headers, "Host": url.netloc.decode("ascii")},
            extensions={"sni_hostname": url.host},
        )
        try:
            response = await client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            last = error  # nothing was sent yet: the next address is as good
        else:
            await response.aclose()
            return response.status_code
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
