"""The guarded request, against real servers on loopback; names are resolved by what each test says."""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.errors import Problem
from app.http import (
    AddressForbidden,
    AddressGuard,
    DownloadRefused,
    JsonClient,
    NoAnswer,
    download_guarded,
    post_guarded,
    resolve,
)
from app.kit.addresses import Address
from app.postgres.certificates import Issued, issue_root, issue_server
from tests.receiver import receiver

HERE = ip_address("127.0.0.1")
NAME = "hooks.example.com"


class Names:
    """A resolver whose answers change from one question to the next; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = [[ip_address(text) for text in answer] for answer in answers]
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        assert port > 0
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


async def post(url: str, guard: AddressGuard, *, tls: ssl.SSLContext | None = None, seconds: float = 10) -> int:
    return await post_guarded(url, b"{}", headers={"x-test": "1"}, guard=guard, timeout_seconds=seconds, tls=tls)


PRIVATE = AddressGuard(allow_private=True)


async def test_the_request_arrives_and_its_status_comes_back() -> None:
    async with receiver() as hook:
        hook.answers = ["202 Accepted"]
        assert await post(hook.url(path="/a?b=c"), PRIVATE) == 202
    (request,) = hook.requests
    assert request.line == "POST /a?b=c HTTP/1.1"
    assert (request.headers["x-test"], request.headers["host"]) == ("1", f"127.0.0.1:{hook.port}")
    assert request.body == b"{}"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::a9fe:a9fe]",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "127.1",
        "127。0。0。1",
        "localhost",
        "metadata.google.internal",
    ],
)
async def test_private_addresses_are_refused_in_every_spelling_without_asking_a_name_server(host: str) -> None:
    names = Names(["1.1.1.1"])
    with pytest.raises(AddressForbidden, match="loopback, private or link-local"):
        await post(f"https://{host}/secret-path", AddressGuard(resolve=names))
    assert names.asked == []


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["1.1.1.1", "10.0.0.7"], ["::ffff:10.0.0.7"], ["fe80::1%eth0"], ["169.254.169.254"]]
)
async def test_a_name_with_any_private_address_is_refused(found: list[str]) -> None:
    with pytest.raises(AddressForbidden, match=NAME):
        await post(f"https://{NAME}/", AddressGuard(resolve=Names(found)))


async def test_the_connection_goes_to_the_address_that_was_judged(
    certificates: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    """A name that is public when it is looked at, and private a moment later."""
    server, client = certificates
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    guard = AddressGuard(resolve=names, allows=lambda address: address == HERE)  # stands in for the internet
    async with receiver("127.0.0.2", tls=server) as private:
        with pytest.raises(NoAnswer):
            await post(private.url(NAME), guard, tls=client)
        assert names.asked == [NAME]
        assert private.connections == 0
        with pytest.raises(AddressForbidden):
            await post(private.url(NAME), guard, tls=client)
        assert private.connections == 0


async def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    async with receiver() as hook:
        guard = AddressGuard(allow_private=True, resolve=Names(["::1", "127.0.0.1"]))
        assert await post(hook.url(NAME), guard) == 200
    assert hook.requests[0].headers["host"] == f"{NAME}:{hook.port}"


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    async with receiver() as elsewhere, receiver() as hook:
        hook.answers = [f"307 Temporary Redirect\r\nLocation: {elsewhere.url()}"]
        assert await post(hook.url(), PRIVATE) == 307
    assert elsewhere.connections == 0


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as proxy, receiver() as hook:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url(path=""))
        assert await post(hook.url(), PRIVATE) == 200
    assert proxy.connections == 0


async def test_plain_http_needs_permission() -> None:
    with pytest.raises(AddressForbidden, match="use https"):
        await post(f"http://{NAME}/", AddressGuard(resolve=Names(["1.1.1.1"])))


@pytest.mark.parametrize(
    "url",
    [f"ftp://{NAME}/", f"https://me:tiger@{NAME}/", "https://exa mple/", "https://0177.0.0.1/", "//x", "http://①②⑦.⓪/"],
)
async def test_what_is_no_plain_web_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(AddressForbidden) as raised:
        await post(url, AddressGuard(resolve=Names(["1.1.1.1"])))
    assert "tiger" not in raised.value.detail


async def test_an_unknown_name_is_an_answer_that_does_not_come() -> None:
    async def nobody(host: str, port: int) -> Sequence[Address]:
        raise OSError(f"no {host} at {port}")

    with pytest.raises(NoAnswer, match=NAME) as raised:
        await post(f"https://{NAME}/secret-path", AddressGuard(resolve=nobody))
    assert "secret-path" not in raised.value.detail
    assert raised.value.retryable


async def test_names_are_looked_up_by_the_machine() -> None:
    assert HERE in await resolve("localhost", 80)
    async with receiver() as hook:
        assert await post(hook.url("localhost"), PRIVATE) == 200


async def test_who_does_not_answer_in_time_is_left() -> None:
    async with receiver() as hook:
        hook.silent_before = "answer"
        with pytest.raises(NoAnswer, match="within 1 seconds"):
            await post(hook.url(), PRIVATE, seconds=1)
        await hook.left.wait()


async def test_a_body_is_not_waited_for() -> None:
    async with receiver() as hook:
        hook.silent_before = "body"
        assert await post(hook.url(), PRIVATE) == 200
        await hook.left.wait()


@pytest.fixture
def root() -> Issued:
    return issue_root("test")


@pytest.fixture
def certificates(root: Issued, tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server that is called localhost and 127.0.0.1, and of a client that trusts who signed it."""
    issued = issue_server(root)
    chain = tmp_path / "chain.pem"
    chain.write_bytes(issued.certificate_pem + issued.key_pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    return server, ssl.create_default_context(cadata=root.certificate_pem.decode())


async def test_the_certificate_must_be_that_of_the_name(certificates: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    """It is valid for the address, which is not what was asked for."""
    server, client = certificates
    guard = AddressGuard(allow_private=True, resolve=Names(["127.0.0.1"]))
    async with receiver(tls=server) as hook:
        assert await post(hook.url("localhost"), guard, tls=client) == 200
        with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
            await post(hook.url(NAME), guard, tls=client)
        assert len(hook.requests) == 1


async def test_a_certificate_that_nobody_trusts_is_refused(certificates: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    async with receiver(tls=certificates[0]) as hook:
        with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
            await post(hook.url("localhost"), PRIVATE)
    assert hook.requests == []


async def test_json_is_posted_and_any_answer_comes_back_whole_even_one_that_leads_elsewhere() -> None:
    client = JsonClient()
    async with receiver() as hook:
        hook.answers = ["302 Found\r\nLocation: /elsewhere"]
        answer = await client.post(hook.url(), {"a": [1]}, headers={"x-test": "1"}, timeout_seconds=10)
    await client.aclose()
    assert (answer.status, answer.headers["location"], answer.body) == (302, "/elsewhere", b"")
    (request,) = hook.requests
    assert (request.json(), request.headers["x-test"]) == ({"a": [1]}, "1")
    assert request.headers["content-type"] == "application/json"


async def test_an_answer_larger_than_anybody_needs_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.http.LARGEST_ANSWER", 1 << 20)
    client = JsonClient()

    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(bytes(1 << 16))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(flood, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(NoAnswer, match="more than 1 MiB") as raised:
            await client.post(url, {}, headers={}, timeout_seconds=30)
    await client.aclose()
    assert raised.value.sent


async def downloaded(url: str, guard: AddressGuard, *, tls: ssl.SSLContext | None = None) -> tuple[int | None, bytes]:
    async with download_guarded(url, guard=guard, silence_seconds=5, tls=tls) as download:
        return download.size_bytes, b"".join([chunk async for chunk in download.chunks])


async def test_a_file_is_read_over_tls_from_the_address_that_was_judged(
    certificates: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, client = certificates
    guard = AddressGuard(resolve=Names(["127.0.0.1"], ["127.0.0.2"]), allows=lambda address: address == HERE)
    async with receiver(tls=server) as files:
        with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
            await downloaded(files.url(NAME), guard, tls=client)  # it is another name's
        with pytest.raises(AddressForbidden):
            await downloaded(files.url(NAME), guard, tls=client)
        assert files.requests == []
        here = AddressGuard(allow_private=True, resolve=Names(["127.0.0.1"]))
        assert await downloaded(files.url("localhost", "/dump?secret"), here, tls=client) == (0, b"")
    (request,) = files.requests
    assert (request.line, request.headers["accept-encoding"]) == ("GET /dump?secret HTTP/1.1", "identity")


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "localhost", "10.0.0.7"])
async def test_no_file_is_read_from_a_private_address(host: str) -> None:
    with pytest.raises(AddressForbidden):
        await downloaded(f"https://{host}/dump", AddressGuard(resolve=Names(["10.0.0.7"])))
    with pytest.raises(AddressForbidden, match="use https"):
        await downloaded(f"http://{NAME}/dump", AddressGuard(resolve=Names(["1.1.1.1"])))


@pytest.mark.parametrize(
    ("head", "kind", "said"),
    [
        ("404 Not Found", DownloadRefused, "404"),
        ("302 Found\r\nLocation: http://10.0.0.7/secret-place", DownloadRefused, "leads elsewhere"),
        ("206 Partial Content", DownloadRefused, "206"),
        ("200 OK\r\nContent-Encoding: br", DownloadRefused, "another encoding"),
        ("503 Service Unavailable", NoAnswer, "503"),
        ("429 Too Many Requests", NoAnswer, "429"),
    ],
)
async def test_an_answer_that_is_not_the_file_is_said_without_the_rest_of_the_address(
    head: str, kind: type[Problem], said: str
) -> None:
    async with receiver() as files:
        files.answers = [head]
        with pytest.raises(kind, match=said) as raised:
            await downloaded(files.url(path="/secret-path"), PRIVATE)
    assert "secret" not in raised.value.detail


async def test_a_file_that_stops_coming_is_no_answer() -> None:
    async with receiver() as files:
        files.silent_before = "body"
        with pytest.raises(NoAnswer):
            async with download_guarded(files.url(), guard=PRIVATE, silence_seconds=0.2) as download:
                assert download.size_bytes == 1000
                async for _ in download.chunks:
                    pass
        await files.left.wait()
