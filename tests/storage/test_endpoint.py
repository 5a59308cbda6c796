import socket
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from app.storage.endpoint import PublicResolver, check_endpoint
from app.storage.errors import EndpointForbidden, RequestRefused
from app.storage.s3 import S3Location, S3Stores
from tests.object_store import HASTY
from tests.storage.fault_proxy import FaultProxy, answers, method


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://s3.example.com", "s3.example.com"),
        ("https://s3.example.com:9000/", "s3.example.com"),
        ("https://[2606:4700::1]:9000", "2606:4700::1"),
    ],
)
def test_a_public_endpoint_with_tls_is_accepted(url: str, host: str) -> None:
    assert check_endpoint(url, allow_insecure=False, allow_private=False) == host


@pytest.mark.parametrize(
    "url",
    [
        "http://s3.example.com",
        "https://127.0.0.1:9000",
        "https://[::1]",
        "https://localhost",
        "https://169.254.169.254",
        "ftp://s3.example.com",
        "s3.example.com",
        "https://",
        "https://s3.example.com/path",
        "https://s3.example.com?query",
        "https://user:secret@s3.example.com",
        "https://s3.example.com:nonsense",
        "https://[nonsense",
    ],
)
def test_other_endpoints_are_refused_and_no_password_is_repeated(url: str) -> None:
    with pytest.raises(EndpointForbidden) as caught:
        check_endpoint(url, allow_insecure=False, allow_private=False)
    assert caught.value.document()["code"] == "ENDPOINT_FORBIDDEN"
    assert "secret" not in caught.value.detail


def test_an_unreadable_endpoint_with_a_password_does_not_repeat_it() -> None:
    with pytest.raises(EndpointForbidden) as caught:
        check_endpoint("https://user:secret@host:nonsense", allow_insecure=True, allow_private=True)
    assert "secret" not in caught.value.detail


def test_what_an_operator_allows_is_accepted() -> None:
    assert check_endpoint("http://127.0.0.1:8333", allow_insecure=True, allow_private=True) == "127.0.0.1"
    with pytest.raises(EndpointForbidden):
        check_endpoint("http://127.0.0.1:8333", allow_insecure=True, allow_private=False)
    with pytest.raises(EndpointForbidden):
        check_endpoint("http://127.0.0.1:8333", allow_insecure=False, allow_private=True)


async def test_a_public_name_with_public_addresses_is_resolved() -> None:
    class Names(AbstractResolver):
        closed = False

        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            return [ResolveResult(hostname=host, host="1.1.1.1", port=port, family=family, proto=6, flags=0)]

        async def close(self) -> None:
            self.closed = True

    names = Names()
    resolver = PublicResolver(names)
    (found,) = await resolver.resolve("store.example.com", 443)
    assert found["host"] == "1.1.1.1"
    await resolver.close()
    assert names.closed


async def test_a_public_name_with_a_private_address_is_refused_before_a_connection(
    s3_location: S3Location, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(proxy.url.rpartition(":")[2])

    def poisoned(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("1.1.1.1", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", poisoned)
    location = S3Location(
        endpoint_url=f"http://store.example.com:{port}",
        bucket=s3_location.bucket,
        access_key_id=s3_location.access_key_id,
        secret_access_key=s3_location.secret_access_key,
    )
    async with S3Stores(allow_insecure=True, patience=HASTY) as stores:
        store = await stores.open(location)
        with pytest.raises(EndpointForbidden):
            await store.put("key", b"content")
    assert proxy.lines == []


@pytest.mark.parametrize("status", ["301 Moved", "307 Temporary Redirect"])
async def test_a_redirect_is_not_followed(
    s3_location: S3Location, stores: S3Stores, proxy: FaultProxy, status: str
) -> None:
    proxy.break_(method("GET"), answers(status, "", f"Location: {proxy.url}/elsewhere"))
    store = await stores.open(
        S3Location(
            endpoint_url=proxy.url,
            bucket=s3_location.bucket,
            addressing_style="path",
            access_key_id="x",
            secret_access_key=s3_location.secret_access_key,
        )
    )
    with pytest.raises(RequestRefused, match="redirects"):
        await store.get("key")
    assert len(proxy.lines) == 1
