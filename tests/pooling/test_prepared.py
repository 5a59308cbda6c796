"""Prepared statements in transaction mode: followed by the newer of the two PgBouncers, refused by the older."""

import subprocess
from pathlib import Path

import psycopg
import pytest

from app.settings import PostgresSettings, Settings
from tests.control import data_dir_in, make_settings
from tests.pooling.conftest import Attached, entered

ROOT = Path(__file__).parents[2]
TRIXIE = ROOT / ".cache" / "trixie"


@pytest.fixture(params=["own", "trixie"])
def settings(request: pytest.FixtureRequest, database_url: str, server_directory: Path) -> Settings:
    root = None
    if request.param == "trixie":
        subprocess.run([ROOT / "scripts" / "trixie"], check=True)
        root = TRIXIE
    return make_settings(database_url, data_dir_in(server_directory), postgres=PostgresSettings(trixie_root=root))


async def test_the_versions_tell_whether_statements_may_be_prepared(attached: Attached, tmp_path: Path) -> None:
    view = await attached.get()
    numbers = tuple(int(part) for part in view["version"].split("."))
    assert view["prepared_statements"] is (numbers >= (1, 21))
    assert (numbers >= (1, 24)) is (attached.runtime.settings.postgres.trixie_root is not None)
    door = await attached.door()
    async with entered(door, tmp_path) as one, entered(door, tmp_path) as other:
        one.prepare_threshold = 1
        await one.execute("SELECT %s::int", (1,), prepare=True)
        # The other holds the only connection over which it was prepared, so the next execution gets another one.
        async with other.transaction():
            await other.execute("SELECT 1")
            if view["prepared_statements"]:
                cursor = await one.execute("SELECT %s::int", (2,), prepare=True)
                assert await cursor.fetchone() == (2,)
            else:
                with pytest.raises(psycopg.errors.InvalidSqlStatementName):
                    await one.execute("SELECT %s::int", (2,), prepare=True)
    assert any("no prepared statements" in line for line in (await attached.get("/stats"))["advice"]) is (
        not view["prepared_statements"]
    )
