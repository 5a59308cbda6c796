"""What a location itself shows of the backups of a schedule."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pydantic_core import to_json

from app.kit.ids import encode_id, new_id
from app.policies import overdue
from app.policies.overdue import newest_in
from app.runtime import Runtime
from app.storage.s3 import S3Location
from app.storage.store import ObjectStore

DAY = timedelta(days=1)
TODAY = datetime(2026, 11, 20, 2, tzinfo=UTC)
PROJECT, DATABASE, NIGHTLY, WEEKLY = (new_id() for _ in range(4))


async def put(store: ObjectStore, schedule_id: UUID, at: datetime, *, missing: bool = False) -> UUID:
    """A manifest of a backup, and the one object that it names unless that is ``missing``."""
    backup_id = new_id()
    folder = "/".join(encode_id(*one) for one in (("prj", PROJECT), ("db", DATABASE), ("bak", backup_id)))
    if not missing:
        await store.put(f"{folder}/x", b"abc")
    objects = [{"key": f"{folder}/x", "size_bytes": 3}]
    told = {"schedule_id": encode_id("sch", schedule_id), "created_at": at, "objects": objects}
    await store.put(f"{folder}/manifest.json", to_json(told))
    return backup_id


async def found(store: ObjectStore, wanted: Mapping[UUID, Sequence[UUID]]) -> Mapping[UUID, datetime]:
    return await newest_in(store, PROJECT, DATABASE, wanted)


async def test_a_rare_schedule_is_found_behind_the_backups_of_a_frequent_one(
    runtime: Runtime, s3_location: S3Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overdue, "_MOST_LOOKED_INTO", 2)
    store = await runtime.stores.open(s3_location)
    older = await put(store, WEEKLY, TODAY - 9 * DAY)
    newer = await put(store, WEEKLY, TODAY - 2 * DAY)
    for ago in (1, 0):
        await put(store, NIGHTLY, TODAY - ago * DAY)
    assert await found(store, {NIGHTLY: [], WEEKLY: []}) == {NIGHTLY: TODAY}
    assert await found(store, {NIGHTLY: [], WEEKLY: [newer, older]}) == {NIGHTLY: TODAY, WEEKLY: TODAY - 2 * DAY}


async def test_a_row_proves_nothing_where_the_objects_are_missing(
    runtime: Runtime, s3_location: S3Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overdue, "_MOST_LOOKED_INTO", 0)
    store = await runtime.stores.open(s3_location)
    whole = await put(store, WEEKLY, TODAY - 9 * DAY)
    torn = await put(store, WEEKLY, TODAY - 2 * DAY, missing=True)
    nightly = await put(store, NIGHTLY, TODAY)
    assert await found(store, {WEEKLY: [nightly, new_id(), torn]}) == {}
    assert await found(store, {WEEKLY: [torn, whole]}) == {WEEKLY: TODAY - 9 * DAY}
