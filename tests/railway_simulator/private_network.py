"""The private network: a name that only the processes of one environment can use.

The real one is `<service>.railway.internal` at port 5432, which nothing outside the environment resolves. Here each
service has a loopback address of its own at that port, and the door there asks the kernel who comes: the peer's port
leads to a socket, that to a process. The process or the nearest of its parents that has RAILWAY_ENVIRONMENT_ID in its
environment decides, so that a program which a worker starts with a clean environment is where the worker is.
"""

import asyncio
import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.railway_simulator.relay import Address, Relay, Target

PORT: Final = 5432
VARIABLE: Final = b"RAILWAY_ENVIRONMENT_ID="
_TRIES: Final = 50
_INODE_COLUMN: Final = 9


async def join_private_network(environment_id: str, target: Target) -> Relay:
    """A door for one service of the environment, at an address that nobody else has; raises OSError without any left."""

    async def admits(peer: Address, own: Address) -> bool:
        return await asyncio.to_thread(_environment_of, peer, own) == environment_id

    for _ in range(_TRIES):
        host = f"127.77.{random.randrange(256)}.{random.randrange(1, 255)}"
        with suppress(OSError):
            return await Relay.opened(target, host=host, port=PORT, admits=admits)
    raise OSError(
        f"port {PORT} is taken on every address of 127.77.0.0/16 that was tried, perhaps by a server on 0.0.0.0"
    )


def _environment_of(peer: Address, own: Address) -> str | None:
    """Where the process at the other end of a connection runs; None for one that says nothing or is gone."""
    inode = _inode(peer, own)
    for process in _holders(inode) if inode else ():
        for one in _with_parents(process):
            if (said := _said(one)) is not None:
                return said
    return None


def _inode(peer: Address, own: Address) -> str | None:
    ends = [_as_kernel_writes(peer), _as_kernel_writes(own)]
    for line in Path("/proc/net/tcp").read_text().splitlines():
        columns = line.split()
        if columns[1:3] == ends and columns[_INODE_COLUMN] != "0":
            return columns[_INODE_COLUMN]
    return None


def _as_kernel_writes(address: Address) -> str:
    return f"{int.from_bytes(socket.inet_aton(address[0]), 'little'):08X}:{address[1]:04X}"


def _holders(inode: str) -> Iterator[int]:
    wanted = f"socket:[{inode}]"
    for process in Path("/proc").glob("[0-9]*"):
        if wanted in _open_files(process):
            yield int(process.name)


def _open_files(process: Path) -> Iterator[str]:
    with suppress(OSError):  # the process ended, or is another user's
        for entry in (process / "fd").iterdir():
            with suppress(FileNotFoundError):  # closed since
                yield str(entry.readlink())


def _with_parents(process: int) -> Iterator[int]:
    while process > 0:
        yield process
        try:
            status = Path(f"/proc/{process}/stat").read_text()
        except OSError:
            return
        process = int(status.rpartition(")")[2].split()[1])


def _said(process: int) -> str | None:
    """The variable as the program was started with it."""
    with suppress(OSError):
        for entry in Path(f"/proc/{process}/environ").read_bytes().split(b"\0"):
            if entry.startswith(VARIABLE):
                return entry.removeprefix(VARIABLE).decode(errors="replace")
    return None
