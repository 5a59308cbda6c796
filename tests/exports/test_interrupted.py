"""Exports and copies that are cancelled, or whose worker is gone in the middle: in the end all of it or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.exports.schemas import TEMPORARY_PREFIX
from app.locations.models import Location
from app.runtime import Runtime
from app.storage.s3 import S3Location
from tests.backups.conftest import Shop, waits_for_a_lock
from tests.exports.test_copying import Copier, copier
from tests.object_store import HASTY
from tests.restores.conftest import working
from tests.storage.fault_proxy import FaultProxy, abort, part, reset, stall

__all__ = ["copier"]

FOREVER = 1000


@asynccontextmanager
async def stalled(
    shop: Shop, s3_location: S3Location, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[FaultProxy, dict[str, Any]]]:
    """An export that is asked for, of a backup in a location which takes no part from now on."""
    monkeypatch.setattr(shop.runtime.stores, "_patience", HASTY)
    async with working(shop.runtime):
        (backup,) = await shop.take(schema_only=True)
    async with FaultProxy.started(s3_location.endpoint_url) as proxy:
        async with shop.runtime.sessions() as session, session.begin():
            (await session.get_one(Location, shop.location.id)).endpoint_url = proxy.url
        proxy.break_(part(), stall, times=FOREVER)
        answer = await shop.post(f"/v1/backups/{backup['id']}/exports", parts="schema")
        assert answer.status_code == 202, answer.text
        yield proxy, answer.json()


async def exports_in(shop: Shop) -> list[str]:
    return [key for key in await shop.keys() if key.startswith("exports/")]


async def test_a_cancelled_export_ends_although_its_location_takes_nothing_and_leaves_nothing(
    shop: Shop, s3_location: S3Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stalled(shop, s3_location, monkeypatch) as (proxy, accepted), working(shop.runtime, wishes_seconds=0.2):
        await proxy.saw(part())
        await shop.post(accepted["job"]["links"]["cancel"])
        job = await shop.ended(accepted["job"])
        assert (job["state"], job["error"]) == ("cancelled", None)
        export = await shop.get(f"/v1/exports/{accepted['export']['id']}")
        assert (export["state"], export["error"]["code"]) == ("cancelled", "CANCELLED")
    assert (await exports_in(shop), await shop.open_uploads()) == ([], [])


async def test_another_worker_makes_the_export_that_one_has_left_half_way(
    shop: Shop, s3_location: S3Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one is gone so suddenly that its upload stays open."""
    async with stalled(shop, s3_location, monkeypatch) as (proxy, accepted):
        proxy.break_(abort, reset, times=FOREVER)
        async with working(shop.runtime):
            await proxy.saw(part())
        assert len(await shop.open_uploads()) == 1
        proxy.mend()
        async with working(shop.runtime):
            job = await shop.ended(accepted["job"])
        assert job["state"] == "succeeded", job["error"]
        export = await shop.get(f"/v1/exports/{accepted['export']['id']}")
    assert export["state"] == "available"
    assert (len(await exports_in(shop)), await shop.open_uploads()) == (1, [])


async def test_another_worker_makes_the_copy_that_one_has_left_half_way(copier: Copier, runtime: Runtime) -> None:
    shop = copier.shop
    async with shop.session() as holder, holder.transaction():
        await holder.execute("LOCK TABLE sales.orders IN ACCESS EXCLUSIVE MODE")
        accepted = await copier.start()
        async with working(runtime):
            await waits_for_a_lock(shop.target)
        assert [name for name in await copier.names() if name.startswith(TEMPORARY_PREFIX)]
        assert copier.name not in await copier.names()
    async with working(runtime):
        job = await shop.ended(accepted)
    assert (job["state"], job["error"]) == ("succeeded", None)
    assert copier.name in await copier.names()
    await copier.no_traces(job)
