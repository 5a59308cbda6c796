"""The address guard of locations: users name the endpoint, so it must not lead into this network."""

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import TraceConfig, TraceRequestRedirectParams
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from app.kit.addresses import is_name, is_public, may_be_public
from app.storage.errors import EndpointForbidden, RequestRefused


def check_endpoint(url: str, *, allow_insecure: bool, allow_private: bool) -> str:
    """The host of ``url``; raises EndpointForbidden. A name is looked at again, by PublicResolver, when it has addresses."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError when it is no number
    except ValueError:
        raise _forbidden(url, "is not an address") from None
    host = parts.hostname
    if parts.scheme not in ("http", "https") or not host or not is_name(host):
        raise _forbidden(url, "must be of the form https://host[:port]")
    if parts.username is not None or parts.query or parts.fragment or parts.path not in ("", "/"):
        raise EndpointForbidden(f"The endpoint at {host} must have nothing besides host and port.", endpoint_host=host)
    if parts.scheme == "http" and not allow_insecure:
        raise EndpointForbidden(f"The endpoint at {host} has no TLS: use https.", endpoint_host=host)
    if not allow_private and not may_be_public(host):
        raise _not_public(host)
    return host


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses those with an address that is not public. The connection goes to what was checked."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(ip_address(result["host"])) for result in found):
            raise _not_public(host)
        return found

    async def close(self) -> None:
        await self._inner.close()


def redirects_refused() -> TraceConfig:
    """For an HTTP client that follows redirects, which could lead anywhere: ends the request instead."""
    trace = TraceConfig()
    trace.on_request_redirect.append(_refuse_redirect)
    trace.freeze()
    return trace


async def _refuse_redirect(_session: object, _context: object, params: TraceRequestRedirectParams) -> None:
    raise RequestRefused(
        f"The endpoint redirects ({params.response.status}). Correct the region, the endpoint or the addressing style.",
        endpoint_host=params.url.host,
    )


def _forbidden(url: str, why: str) -> EndpointForbidden:
    # What comes before an "@" may be a password.
    return EndpointForbidden(f"The endpoint {url.rpartition('@')[2]!r} {why}.")


def _not_public(host: str) -> EndpointForbidden:
    return EndpointForbidden(
        f"The endpoint {host} is on a loopback, private or link-local address."
        " An operator can allow that (PGM_STORAGE__ALLOW_PRIVATE_ENDPOINTS).",
        endpoint_host=host,
    )
