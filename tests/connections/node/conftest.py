"""A server whose certificate names localhost alone, as Railway's does, and which is called by another name."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography import x509
from pydantic import SecretStr

from app.connections.clients.context import Address, ConnectionContext
from app.postgres.certificates import issue_root, issue_server
from app.postgres.cluster import Cluster
from app.postgres.connect import Session, Target, TlsMode
from app.postgres.identifiers import literal, quoted
from app.postgres.scram import verifier
from app.postgres.server_user import server_user
from app.postgres.toolchain import Installation
from tests.planted import plant
from tests.postgres.conftest import debian, spec_in, toolchain
from tests.sessions import connect

__all__ = ["debian", "toolchain"]

ROLE = 'o\'Neil "the\\ roll" @ 50%/ü'
DATABASE = 'shop & co: 100% "new"/ö?'
SHADOW = "shop shadow"
PASSWORD = "p@ss: w/ord?%41'\"\\;&= ü#[]"


@dataclass(frozen=True)
class Shop:
    target: Target  # as its superuser
    root_pem: str

    def context(self, application_name: str, *, root_pem: str | None = None) -> ConnectionContext:
        address = Address(self.target.host, self.target.port, TlsMode.VERIFY_CA)
        return ConnectionContext(
            address=address,
            direct=address,
            public=None,
            database=DATABASE,
            direct_database=DATABASE,
            shadow_database=SHADOW,
            user=ROLE,
            password=PASSWORD,
            ca_pem=root_pem or self.root_pem,
            pool_mode=None,
            prepared_statements=True,
            pool_min=1,
            pool_max=3,
            statement_timeout_seconds=67,
            connect_timeout_seconds=10,
            application_name=application_name,
        )


@pytest.fixture(scope="module")
def shop(debian: Installation) -> Iterator[Shop]:
    with tempfile.TemporaryDirectory(prefix="pgm-", ignore_cleanup_errors=True) as name, asyncio.Runner() as runner:
        folder = Path(name)
        folder.chmod(0o711)
        root = issue_root("the server's root")
        identity = issue_server(root, names=[x509.DNSName("localhost")])
        pem = folder / "identity.pem"
        pem.touch(0o600)
        pem.write_bytes(identity.certificate_pem + identity.key_pem)
        if owner := server_user():
            os.chown(pem, owner.uid, owner.gid)
        spec = replace(spec_in(folder), settings={"ssl_cert_file": str(pem), "ssl_key_file": str(pem)})
        server = Cluster(spec, debian, attached=True)
        runner.run(_made(server))
        try:
            target = replace(server.target, tls=TlsMode.VERIFY_CA, ca_pem=root.certificate_pem.decode())
            runner.run(_furnished(target))
            yield Shop(target, root.certificate_pem.decode())
        finally:
            runner.run(server.destroy())


async def _made(server: Cluster) -> None:
    await server.create()
    await server.start()


async def _furnished(target: Target) -> None:
    plant("the password of the shop", PASSWORD, for_session=True)
    async with connect(target, application_name="test") as session:
        await session.execute(f"CREATE ROLE {quoted(ROLE)} LOGIN PASSWORD {literal(verifier(SecretStr(PASSWORD)))}")
        for name in (DATABASE, SHADOW):
            await session.execute(f"CREATE DATABASE {quoted(name)} OWNER {quoted(ROLE)}")


@pytest.fixture
async def admin(shop: Shop) -> AsyncIterator[Session]:
    async with connect(shop.target, application_name="test") as session:
        yield session
