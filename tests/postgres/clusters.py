"""Looking at servers that a test made."""

import asyncio

from app.postgres.cluster import Cluster, ClusterStatus
from app.postgres.postmaster import Postmaster
from tests.sessions import connect


async def answer(server: Cluster, query: str = "SELECT 1") -> object:
    async with connect(server.target, application_name="test") as session:
        return await session.fetchval(query)


def pid_of(server: Cluster) -> int:
    postmaster = Postmaster.of(server.files.data)
    assert postmaster
    return postmaster.pid


async def until(server: Cluster, status: ClusterStatus) -> None:
    async with asyncio.timeout(60):
        while server.status() is not status:
            await asyncio.sleep(0.01)
