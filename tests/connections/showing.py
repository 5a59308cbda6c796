"""A server that shows whatever certificate a test gives it, and somebody who stands in between and shows another one."""

import asyncio
import os
import secrets
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from cryptography import x509
from pydantic import SecretStr

from app.kit.clock import utc_now
from app.postgres import certificates, tls_probe
from app.postgres.certificates import Issued, issue_root, issue_server
from app.postgres.cluster import Cluster
from app.postgres.connect import Target, TlsMode
from app.postgres.server_user import server_user
from app.postgres.toolchain import Ability, Toolchain
from tests.planted import plant
from tests.postgres.conftest import spec_in
from tests.sessions import connect

_SECONDS = 60.0


def issued(root: Issued, *, days_ago: int = 0) -> Issued:
    """Two years from then on."""
    with mock.patch.object(certificates, "utc_now", return_value=utc_now() - timedelta(days=days_ago)):
        return issue_server(root)


@dataclass
class ShowingServer:
    cluster: Cluster
    root: Issued

    @property
    def target(self) -> Target:
        """As somebody has it who adopted the server without a root."""
        return replace(self.cluster.target, tls=TlsMode.REQUIRE, ca_pem=None)

    @property
    def root_pem(self) -> str:
        return self.root.certificate_pem.decode()

    async def show(self, identity: Issued, *, root: Issued, root_beside: bool = True, with_root: bool = False) -> None:
        """``root_beside``: where a superuser may read it. ``with_root``: sent to clients, too."""
        self.root = root
        sent = identity.certificate_pem + (root.certificate_pem if with_root else b"")
        self._write("server.crt", sent.decode())
        self._write("server.key", identity.key_pem.decode())
        self._write("root.crt", root.certificate_pem.decode() if root_beside else "")
        async with connect(self.target, application_name="test") as session:
            await session.execute("SELECT pg_reload_conf()")
        wanted = x509.load_pem_x509_certificate(identity.certificate_pem)
        async with asyncio.timeout(_SECONDS):
            while (await tls_probe.shown_by(self.target)).leaf != wanted:
                await asyncio.sleep(0.02)

    @property
    def hba(self) -> Path:
        """In the data directory, as with servers that are not ours: a superuser may write it."""
        return self.cluster.files.data / "pg_hba.conf"

    async def ask(self, *statements: str) -> None:
        async with connect(self.target, application_name="test") as session:
            for statement in statements:
                await session.execute(statement)

    def write_first(self) -> None:
        identity = issued(self.root)
        self._write("server.crt", identity.certificate_pem.decode())
        self._write("server.key", identity.key_pem.decode())
        self._write("root.crt", self.root.certificate_pem.decode())

    def _write(self, name: str, text: str) -> None:
        path = self.cluster.spec.directory / name
        path.unlink(missing_ok=True)
        path.touch(0o600)
        path.write_text(text)
        if owner := server_user():
            os.chown(path, owner.uid, owner.gid)


@pytest.fixture(scope="module")
def showing() -> Iterator[ShowingServer]:
    with tempfile.TemporaryDirectory(prefix="pgm-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with asyncio.Runner() as runner:
            server = runner.run(_started(folder))
            try:
                yield server
            finally:
                runner.run(server.cluster.destroy())


async def _started(folder: Path) -> ShowingServer:
    toolchain = await Toolchain.discover()
    installation = max(
        (one for one in toolchain.installations if {Ability.SERVER, Ability.TLS} <= one.abilities),
        key=lambda one: one.major,
    )
    # Not the one of other tests' servers, who may tell it to programs of theirs as they like.
    password = plant("the superuser's password", secrets.token_urlsafe(16), for_session=True)
    spec = replace(spec_in(folder), password=SecretStr(password))
    own = {"ssl_cert_file": "server.crt", "ssl_key_file": "server.key", "hba_file": "data/pg_hba.conf"}
    paths = {name: str(spec.directory / value) for name, value in own.items()}
    cluster = Cluster(replace(spec, settings=paths | {"max_connections": "16"}), installation, attached=True)
    await cluster.create()
    server = ShowingServer(cluster, issue_root("the first root"))
    server.write_first()
    await cluster.start()
    return server


@asynccontextmanager
async def in_between(server: Target, chain: Issued, root: Issued) -> AsyncIterator[int]:
    """Ends the TLS of clients with a certificate of its own and passes on what they say. Gives its port."""
    with tempfile.TemporaryDirectory() as name:
        identity = Path(name) / "identity.pem"
        identity.write_bytes(chain.certificate_pem + root.certificate_pem + chain.key_pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity)
    context.set_alpn_protocols(["postgresql"])

    served: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            served.add(task)
        there, onward = await asyncio.open_connection(server.host, server.port)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
                onward.write(await reader.readexactly(8))
                await there.readexactly(1)
                await onward.start_tls(tls_probe.trusting_context(), server_hostname=server.host)
                writer.write(b"S")
                await writer.start_tls(context)
                await asyncio.gather(_pass_on(reader, onward), _pass_on(there, writer))
        finally:
            for one in (writer, onward):
                one.transport.abort()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield int(listener.sockets[0].getsockname()[1])
    finally:
        listener.close()
        for task in served:
            task.cancel()
        await asyncio.gather(*served, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
    raise ConnectionResetError  # the other direction ends, too
