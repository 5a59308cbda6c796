"""What the official image does, seen through the public proxy."""

import ssl

import asyncpg
import pytest

from tests.planted import plant
from tests.providers.railway_simulated.asking import (
    a_database,
    an_environment,
    ask,
    connected,
    deployed,
    public_url,
    until,
)
from tests.railway_simulator.process import Simulator

RESTART = "mutation($i: String!) { deploymentRestart(id: $i) }"
LOGS = "query($i: String!) { deploymentLogs(deploymentId: $i, limit: 500) { message } }"
ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


async def new_database(platform: Simulator) -> tuple[str, str, str]:
    """One that accepts connections: its environment, its service and its public address."""
    environment_id = await an_environment(platform)
    service_id, _ = await a_database(platform, environment_id, password=plant("a password", "of-the-image-1234"))
    url = await public_url(platform, environment_id, service_id)
    await (await connected(url)).close()
    return environment_id, service_id, url


async def test_it_takes_encrypted_and_plain_connections(platform: Simulator) -> None:
    _, _, url = await new_database(platform)
    for encrypted in (True, False):
        session = await asyncpg.connect(url, ssl="require" if encrypted else "disable")
        assert await session.fetchval(ENCRYPTED) is encrypted
        await session.close()


async def test_its_certificate_is_of_its_own_root_and_names_localhost_alone(platform: Simulator) -> None:
    _, _, url = await new_database(platform)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"self.signed certificate"):
        await asyncpg.connect(url, ssl=ssl.create_default_context())

    session = await asyncpg.connect(url, ssl="require")
    root = await session.fetchval("SELECT pg_read_file(current_setting('ssl_ca_file'))")
    await session.close()
    pinned = ssl.create_default_context(cadata=root)
    assert pinned.get_ca_certs()[0]["subject"] == ((("commonName", "root-ca"),),)
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        await asyncpg.connect(url, ssl=pinned)
    await (await asyncpg.connect(url.replace("127.0.0.1", "localhost"), ssl=pinned)).close()
    pinned.check_hostname = False
    await (await asyncpg.connect(url, ssl=pinned)).close()


async def test_a_replication_connection_finds_no_entry(platform: Simulator) -> None:
    _, _, url = await new_database(platform)
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="entry for replication connection"):
        await asyncpg.connect(url, ssl="require", server_settings={"replication": "true"})


async def test_a_restart_kills_the_server_and_what_was_committed_is_recovered(platform: Simulator) -> None:
    environment_id, service_id, url = await new_database(platform)
    session = await connected(url)
    await session.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    deployment_id = await deployed(platform, environment_id, service_id)
    await ask(platform, RESTART, i=deployment_id)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        while True:
            await session.fetchval("SELECT pg_sleep(0.02)")
    session.terminate()
    session = await connected(url)
    assert await session.fetchval("SELECT count(*) FROM kept") == 1000
    await session.close()
    await until(
        lambda: ask(platform, LOGS, i=deployment_id),
        lambda lines: any("was not properly shut down" in line["message"] for line in lines),
    )
