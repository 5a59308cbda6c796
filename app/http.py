"""The one place that knows the HTTP client."""

from collections.abc import Mapping

import httpx

CONNECT_SECONDS = 5.0


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


HttpError = httpx.HTTPError
