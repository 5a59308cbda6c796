"""Servers of other majors, dumped by clients of their own, without TLS."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.postgres.cluster import Cluster
from app.postgres.connect import Target
from app.postgres.toolchain import Toolchain
from app.runtime import Runtime
from tests.backups.conftest import Shop
from tests.backups.test_take import SAMPLE
from tests.postgres.conftest import reachable_folder, spec_in


@pytest.fixture(scope="module", params=[16, 18])
def cluster(request: pytest.FixtureRequest, toolchain: Toolchain) -> Iterator[Cluster]:
    with reachable_folder() as name:
        server = Cluster(spec_in(Path(name)), toolchain.server(request.param), attached=True)
        asyncio.run(start(server))
        try:
            yield server
        finally:
            asyncio.run(server.destroy())


@pytest.fixture(scope="module")
def target(cluster: Cluster) -> Target:
    return cluster.target


async def start(server: Cluster) -> None:
    await server.create()
    await server.start()


@pytest.mark.usefixtures("worker")
async def test_a_server_of_another_major(shop: Shop, cluster: Cluster, runtime: Runtime) -> None:
    await shop.execute(SAMPLE)
    (backup,) = await shop.take()
    major = cluster.installation.major
    assert backup["server_version"] == backup["client_version"] == cluster.installation.version
    assert backup["rows"] == 14000
    manifest = await shop.manifest(backup)
    assert (manifest.versions.server_major, manifest.versions.client_major) == (major, major)
    assert manifest.large_objects == 2
    assert manifest.index.head.server_version == cluster.installation.version
    assert manifest.database.locale_provider == "libc"
    job: dict[str, Any] = await shop.get(f"/v1/jobs/{backup['job_id']}")
    assert job["warnings"] == []
