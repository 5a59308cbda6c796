"""A pooler of a server that the local provider made: it goes by the server's socket, and clients pin one root for both."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from app.databases.models import Database
from app.kit.ids import encode_id
from app.pooling.processes import local_provider
from app.postgres.cluster import Cluster
from app.postgres.pgbouncer import PgBouncerStatus
from app.providers.protocol import ServerSpec
from app.runtime import Runtime
from tests.pooling.conftest import Attached, entered


@pytest.fixture
def database(database: Database, cluster: Cluster, runtime: Runtime) -> Database:
    """Its folder is where the provider would have made it."""
    clusters = runtime.settings.data_dir.absolute() / "clusters"
    clusters.mkdir(parents=True)
    (clusters / encode_id("db", database.id)).symlink_to(cluster.files.directory)
    return database


async def test_it_takes_the_socket_and_the_servers_root(attached: Attached, cluster: Cluster, tmp_path: Path) -> None:
    assert (await attached.get())["ca_pem"] == cluster.ca_pem()
    async with entered(await attached.door(), tmp_path) as client:
        cursor = await client.execute("SELECT client_addr IS NULL FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        assert await cursor.fetchone() == (True,)


async def test_it_ends_with_its_server(attached: Attached, runtime: Runtime) -> None:
    provider = local_provider(runtime)
    process = provider.pooler(attached.database.id)
    # Without data it stands for no server, and that of the other tests runs on.
    spec = ServerSpec(attached.database.id, "postgres", SecretStr("x"), "postgres", data={})
    await provider.destroy(spec)
    assert process.status() is PgBouncerStatus.STOPPED
    assert not process.files.directory.exists()
    await provider.destroy(spec)
