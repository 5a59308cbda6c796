"""The ways to a server: the public proxy passes everybody on, the private network only its own environment's processes."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from tests.railway_simulator.private_network import join_private_network
from tests.railway_simulator.relay import Relay

ENVIRONMENT = str(uuid4())
SPEAK = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=20) as connection:
    connection.sendall(b"hello")
    connection.shutdown(socket.SHUT_WR)
    print(connection.makefile("rb").read().decode())
"""
BY_A_CHILD_WITH_A_CLEAN_ENVIRONMENT = f"""
import subprocess, sys
sys.exit(subprocess.run([sys.executable, "-c", {SPEAK!r}, *sys.argv[1:]], env={{}}).returncode)
"""


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """A server that says everything back, by its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
async def private(echo: int) -> AsyncIterator[Relay]:
    relay = await join_private_network(ENVIRONMENT, lambda: echo)
    yield relay
    await relay.close()


async def said(relay: Relay, program: str, environment: str | None) -> str:
    inherited = {name: value for name, value in os.environ.items() if name != "RAILWAY_ENVIRONMENT_ID"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, relay.host, str(relay.port)),
        env=inherited | ({"RAILWAY_ENVIRONMENT_ID": environment} if environment else {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return output.decode()


async def test_a_process_of_the_environment_gets_in_at_port_5432(private: Relay) -> None:
    assert private.port == 5432
    assert private.host.startswith("127.77.")
    assert await said(private, SPEAK, ENVIRONMENT) == "hello\n"


@pytest.mark.parametrize("environment", [None, str(uuid4())], ids=["none", "another"])
async def test_a_process_of_no_or_another_environment_is_cut(private: Relay, environment: str | None) -> None:
    answer = await said(private, SPEAK, environment)
    assert "hello\n" not in answer
    assert answer == "\n" or "ConnectionResetError" in answer or "BrokenPipeError" in answer


@pytest.mark.parametrize(
    ("environment", "answer"), [(ENVIRONMENT, "hello\n"), (str(uuid4()), "")], ids=["its own", "another"]
)
async def test_a_child_with_a_clean_environment_is_where_its_parent_is(
    private: Relay, environment: str, answer: str
) -> None:
    text = await said(private, BY_A_CHILD_WITH_A_CLEAN_ENVIRONMENT, environment)
    assert text == answer if answer else "hello\n" not in text


async def test_two_services_have_an_address_each(private: Relay, echo: int) -> None:
    second = await join_private_network(ENVIRONMENT, lambda: echo)
    try:
        assert second.host != private.host
        assert await said(second, SPEAK, ENVIRONMENT) == "hello\n"
    finally:
        await second.close()


async def test_a_public_proxy_passes_much_in_both_directions_to_whatever_server_there_is_now(echo: int) -> None:
    ports: list[int | None] = [None]
    relay = await Relay.opened(lambda: ports[0])
    async with AsyncExitStack() as stack:
        stack.push_async_callback(relay.close)
        reader, writer = await asyncio.open_connection(relay.host, relay.port)
        assert await reader.read() == b""  # no server yet
        writer.close()
        ports[0] = echo
        reader, writer = await asyncio.open_connection(relay.host, relay.port)
        stack.callback(writer.close)
        sent = os.urandom(3_000_000)

        async def send() -> None:
            writer.write(sent)
            await writer.drain()
            writer.write_eof()

        received, _ = await asyncio.gather(reader.read(len(sent)), send())
        while len(received) < len(sent):
            received += await reader.read(len(sent))
        assert received == sent
        assert await reader.read() == b""


async def test_closing_a_proxy_cuts_its_connections_and_the_next_gets_another_port(echo: int) -> None:
    relay = await Relay.opened(lambda: echo)
    reader, writer = await asyncio.open_connection(relay.host, relay.port)
    writer.write(b"before")
    assert await reader.readexactly(6) == b"before"
    await relay.close()
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(relay.host, relay.port)
    successor = await Relay.opened(lambda: echo)
    assert successor.port != relay.port
    await successor.close()
