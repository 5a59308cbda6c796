"""A restore in place that nobody decides on is asked for after a week."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.kit.clock import utc_now
from app.kit.ids import decode_id
from app.restores.models import Restore
from app.restores.tasks import watch
from tests.restores.conftest import Restorer
from tests.restores.test_in_place import IN_PLACE, nothing_beside, role

__all__ = ["nothing_beside", "role"]


async def finished_days_ago(restorer: Restorer, restore_id: UUID, days: float) -> None:
    async with restorer.shop.runtime.sessions() as session, session.begin():
        (await session.get_one(Restore, restore_id)).finished_at = utc_now() - timedelta(days=days)


@pytest.mark.parametrize("action", ["confirm", "undo"])
async def test_an_alert_asks_after_a_week_until_somebody_decides(
    restorer: Restorer, backup: dict[str, Any], action: str
) -> None:
    shop = restorer.shop
    restore = await restorer.restored(backup, IN_PLACE, safety_backup=False)
    restore_id = decode_id("rst", restore["id"])
    await finished_days_ago(restorer, restore_id, 6.9)
    await watch(shop.runtime)
    assert (await shop.get("/v1/alerts"))["data"] == []

    await finished_days_ago(restorer, restore_id, 7.1)
    for _ in range(2):
        await watch(shop.runtime)
    (alert,) = (await shop.get("/v1/alerts"))["data"]
    assert (alert["type"], alert["subject_id"], alert["count"]) == ("restore.unconfirmed", restore["id"], 1)
    assert restore["previous_database"] in alert["detail"]

    await restorer.settled(restore, action)
    await watch(shop.runtime)
    (cleared,) = (await shop.get("/v1/alerts?state=all"))["data"]
    assert (cleared["id"], cleared["state"]) == (alert["id"], "cleared")
    if action == "undo":
        await restorer.settled(restore, "confirm")
