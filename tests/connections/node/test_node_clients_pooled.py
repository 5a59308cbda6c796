"""The same programmes through PgBouncer in transaction mode, with fewer connections to the server than they have to it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.connections.clients.context import Address, ConnectionContext
from app.connections.clients.registry import Client
from app.connections.models import PoolMode
from app.postgres.connect import TlsMode
from tests.connections.behind import POOL, Behind, pgbouncer_before
from tests.connections.node.conftest import DATABASE, ROLE, Shop
from tests.connections.node.programmes import SECONDS, laid_out
from tests.connections.node.test_node_clients import PROGRAMMES
from tests.postgres.conftest import reachable_folder

THROUGH_POOLER = PROGRAMMES


@pytest.fixture(scope="module")
def behind(shop: Shop) -> Iterator[Behind]:
    """The older one, which loses prepared statements: what works through it works through each."""
    with (
        reachable_folder() as name,
        pgbouncer_before(shop.target, DATABASE, Path(name) / "pooler", newer=False) as found,
    ):
        yield found


def context_of(shop: Shop, behind: Behind, client: Client) -> ConnectionContext:
    return replace(
        shop.context(f"pooled-{client}"),
        address=Address(behind.host, behind.port, TlsMode.VERIFY_CA),
        database=POOL,
        ca_pem=shop.root_pem + behind.root_pem,
        pool_mode=PoolMode.TRANSACTION,
        prepared_statements=False,
    )


@pytest.mark.parametrize("client", THROUGH_POOLER)
async def test_a_programme_asks_again_and_again_through_a_pooler(
    shop: Shop, behind: Behind, tmp_path: Path, client: Client
) -> None:
    programme = laid_out(client, context_of(shop, behind, client), tmp_path / "programme")
    await programme.prepare()
    async with programme.serving() as serving, httpx.AsyncClient(timeout=SECONDS) as asking:
        assert f"connected as {ROLE} to {DATABASE}\n" in serving.said
        for _ in range(5):
            answers = await asyncio.gather(*(asking.get(f"http://127.0.0.1:{serving.port}/") for _ in range(6)))
            assert {answer.status_code for answer in answers} == {200}
        code, said = await serving.terminate()
    assert code == 0, said
