"""A backup of every major, restored into the same server and into a newer one, and compared."""

import httpx
import pytest

from app.backups.steps import dumping
from app.databases.access import target_of
from app.databases.models import Database
from app.postgres.connect import Target, TlsMode
from app.runtime import Runtime
from app.storage.s3 import S3Location
from tests.backups.conftest import Shop, make_location
from tests.object_store import object_store_server, s3_location
from tests.restores.conftest import ROWS, Restorer, restorer, settings, way, worker
from tests.restores.test_into_new_database import TARGET, no_server_left, row_of
from tests.verifications.conftest import Verifier

__all__ = ["no_server_left", "object_store_server", "restorer", "s3_location", "settings", "way", "worker"]

# The clients that this machine has for each: those of 16 and 18 have no TLS.
CLIENTS = {13: 15, 14: 15, 16: 16, 17: 18, 18: 18}
NEWEST = 18
TABLES = 6


@pytest.fixture
async def shop(
    runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], database: Database, s3_location: S3Location
) -> Shop:
    project_id = database.project_id
    location = await make_location(client, as_admin, runtime, project_id, s3_location, "copies")
    async with runtime.sessions() as session, session.begin():
        row = await session.get_one(Database, database.id)
        row.tls_mode, row.ca_pem = TlsMode.DISABLE, None
    return Shop(runtime, client, as_admin, project_id, row, target_of(row, runtime.key_ring), location)


async def test_it_is_verified_and_restored_wherever_its_client_allows(
    restorer: Restorer, target: Target, major: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dumping, "_GRACE_SECONDS", 30.0)  # fingerprints of all tables, however quick the dump
    (backup,) = await restorer.shop.take()
    assert backup["server_version"].split(".")[0] == str(major)
    client = int(backup["client_version"].split(".")[0])
    assert (client, backup["rows"]) == (CLIENTS[major], ROWS)
    verification, job = await Verifier(restorer.shop).verified(backup)
    assert job["state"] == "succeeded", job["error"]
    assert (verification["state"], verification["level"], verification["rows"]) == ("passed", "V2", ROWS)
    rehearsal = verification["report"]["rehearsal"]
    assert rehearsal["equal"]
    # Contents are compared where the rehearsal's server is of the same major, else the rows are counted.
    assert [one["same_content"] for one in rehearsal["tables"]] == [True if client == major else None] * TABLES
    beside = {"kind": "logical_database", "name": f"{target.database}_copy"}
    if client <= major:
        assert (await restorer.restored(backup, beside))["equal"]
        await restorer.shop.execute(f"DROP DATABASE {beside['name']} WITH (FORCE)")
    else:
        assert (await restorer.refused(backup, beside))["code"] == "VERSION_UNSUPPORTED"
    restore = await restorer.restored(backup, TARGET | {"major": NEWEST})
    assert (restore["equal"], restore["report"]["rows"]) == (True, ROWS)
    assert (await row_of(restorer.shop, restore)).server_major == NEWEST
