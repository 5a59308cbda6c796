"""The policy of a database, its preview and its release, pins, and the list of the fleet."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from app.auth.scopes import Scope
from app.jobs.models import Schedule
from app.kit.cron import Cron
from app.kit.ids import encode_id
from app.locations.holdings import CopyState
from app.locations.models import Location
from app.policies.schemas import RunSchedule
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.databases.records import add_database, create_project, somewhere
from tests.policies.conftest import DAILY, Ledger, add_location


async def schedules(runtime: Runtime, kind: str = RunSchedule.kind) -> list[Schedule]:
    async with runtime.sessions() as session:
        return list((await session.exec(select(Schedule).where(Schedule.kind == kind))).all())


async def test_a_policy_is_put_read_replaced_and_switched_off(ledger: Ledger, runtime: Runtime) -> None:
    absent = await ledger.client.get(ledger.path, headers=ledger.headers)
    assert (absent.json()["id"], absent.json()["enabled"], absent.headers["etag"]) == (None, False, '"0"')
    made = await ledger.put(retention={"daily": 3}, headers={"If-Match": '"0"'})
    assert made.status_code == 200, made.text
    (schedule,) = await schedules(runtime)
    told = made.json()
    assert told["retention"] == {"daily": 3, "weekly": 4, "monthly": 12}
    assert told["verify"] == {"weekly": "V2", "every": "V1"}
    assert told["schedules"][0]["id"] == encode_id("sch", schedule.id)
    assert schedule.database_id == ledger.database.id
    slot = Cron.parse("0 2 * * *", "Europe/Berlin").next_after(datetime.now(UTC))
    assert timedelta(0) <= schedule.next_run_at - slot < timedelta(seconds=600)

    stale = await ledger.put(headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "PRECONDITION_FAILED")
    tag = (await ledger.client.get(ledger.path, headers=ledger.headers)).headers["etag"]
    off = await ledger.put(enabled=False, headers={"If-Match": tag})
    assert (off.status_code, off.json()["enabled"]) == (200, False)
    assert await schedules(runtime) == await schedules(runtime, "policy.retain") == []
    again = await ledger.put(schedules=[*DAILY["schedules"], {"cron": "0 * * * *", "schema_only": True}])
    assert again.json()["schedules"][0]["id"] == told["schedules"][0]["id"]
    assert len(await schedules(runtime)) == 2


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"schedules": [{"cron": "0 2 * * *", "zone": "Europe/Atlantis"}]}, "Europe/Atlantis"),
        ({"schedules": [{"cron": "*/4 * * * *"}]}, "more often than every 5 minutes"),
        ({"schedules": [{"cron": "58,2 * * * *"}]}, "more often than every 5 minutes"),
        ({"schedules": [{"cron": "0 2 30 2 *"}]}, "bad day-of-month"),
        ({"schedules": [{"cron": "0 2 * * *", "schema_only": True, "data_only": True}]}, "exclude each other"),
        ({"schedules": []}, "needs a schedule"),
        ({"retention": {"daily": 0, "weekly": 0, "monthly": 0}}, "at least one generation"),
    ],
    ids=["zone", "often", "often across the hour", "never", "contradiction", "none", "nothing kept"],
)
async def test_what_makes_no_sense_is_refused_with_the_reason(ledger: Ledger, wish: dict[str, Any], said: str) -> None:
    answer = await ledger.put(**wish)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")
    assert said in answer.text


async def test_a_location_must_be_one_of_the_project(ledger: Ledger, runtime: Runtime) -> None:
    other = await create_project(ledger.client, ledger.headers, "other")
    foreign = await add_location(runtime, other)
    answer = await ledger.put(location_ids=[encode_id("loc", foreign.id)])
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    async with runtime.sessions() as session, session.begin():
        (await session.get_one(Location, ledger.location.id)).is_default = False
    nowhere = await ledger.put()
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "LOCATION_REQUIRED")
    assert (await ledger.put(location_ids=[encode_id("loc", ledger.location.id)])).status_code == 200
    named = await ledger.client.delete(f"/v1/locations/{encode_id('loc', ledger.location.id)}", headers=ledger.headers)
    assert (named.status_code, named.json()["code"]) == (409, "HAS_DEPENDENTS")
    assert named.json()["database_ids"] == [encode_id("db", ledger.database.id)]


async def test_another_projects_policy_is_not_found(ledger: Ledger, key_factory: KeyFactory) -> None:
    other = await create_project(ledger.client, ledger.headers, "other")
    key = bearer(await key_factory(Scope.BACKUPS_READ, projects=[other]))
    assert (await ledger.client.get(ledger.path, headers=key)).status_code == 404
    listed = await ledger.client.get("/v1/backup-coverage", headers=key)
    assert listed.json()["data"] == []


async def test_a_preview_lists_exactly_what_a_candidate_would_delete_and_why_the_rest_stays(ledger: Ledger) -> None:
    policy = await ledger.policy()
    backups = await ledger.fill(policy, 10)
    pinned = await ledger.client.patch(
        f"/v1/backups/{encode_id('bak', backups[0].id)}",
        json={"pinned": {"reason": "the audit of 2026"}},
        headers=ledger.headers,
    )
    assert pinned.json()["pinned"]["reason"] == "the audit of 2026"
    strict = DAILY | {"retention": {"daily": 2, "weekly": 0, "monthly": 0}}
    answer = await ledger.post("preview", policy=strict)
    assert answer.status_code == 200, answer.text
    (where,) = answer.json()["locations"]
    ids = [encode_id("bak", backup.id) for backup in backups]
    assert [fate["backup_id"] for fate in where["deleted"]] == ids[1:3]
    assert [fate["backup_id"] for fate in where["blocked"]] == ids[3:8]
    assert {fate["backup_id"]: fate["tier"] for fate in where["kept"]} == {
        ids[9]: "daily",
        ids[8]: "daily",
        ids[0]: None,
    }
    assert "pinned until it is unpinned: the audit of 2026" in where["kept"][-1]["because"]
    assert len(answer.json()["schedules"][0]["next_runs"]) == 5
    assert answer.json()["token"]
    assert set(await ledger.states(backups)) == {CopyState.AVAILABLE}
    in_force = (await ledger.post("preview")).json()
    assert (in_force["token"], in_force["locations"][0]["blocked"]) == (None, [])


async def test_a_token_that_stands_for_nothing_releases_nothing(ledger: Ledger) -> None:
    await ledger.policy()
    answer = await ledger.post("release", token="0" * 32)
    assert (answer.status_code, answer.json()["code"]) == (409, "RETENTION_TOKEN_STALE")
    assert await ledger.jobs("policy.retain") == []


async def test_a_pinned_backup_is_not_deleted_until_it_is_let_go(ledger: Ledger, key_factory: KeyFactory) -> None:
    backup, _ = await ledger.add(None, 2), await ledger.add(None, 1)
    path = f"/v1/backups/{encode_id('bak', backup.id)}"
    pin = {"pinned": {"reason": "evidence", "until": (datetime.now(UTC) + timedelta(days=1)).isoformat()}}
    operator = bearer(await key_factory(Scope.BACKUPS_WRITE))
    refused = await ledger.client.patch(path, json=pin, headers=operator)
    assert (refused.status_code, refused.json()["required_scope"]) == (403, "backups:pin")
    assert (await ledger.client.patch(path, json=pin, headers=ledger.headers)).status_code == 200
    pinned = await ledger.client.delete(path, headers=ledger.headers)
    assert (pinned.status_code, pinned.json()["code"]) == (409, "BACKUP_PINNED")
    assert "evidence" in pinned.json()["detail"]
    labelled = await ledger.client.patch(path, json={"labels": {"a": "b"}}, headers=ledger.headers)
    assert (labelled.json()["pinned"]["reason"], labelled.json()["labels"]) == ("evidence", {"a": "b"})
    free = await ledger.client.patch(path, json={"pinned": None}, headers=ledger.headers)
    assert (free.json()["pinned"], free.json()["labels"]) == (None, {"a": "b"})
    assert (await ledger.client.delete(path, headers=ledger.headers)).status_code == 202


async def test_the_fleet_lists_databases_without_a_backup_that_was_verified_lately(
    ledger: Ledger, runtime: Runtime
) -> None:
    now = datetime.now(UTC)
    for name in ("old", "none"):
        await add_database(runtime, ledger.database.project_id, name, target=somewhere())
    await ledger.policy()
    await ledger.add(None, 8, verified_at=now)
    newest = await ledger.add(None, 1)

    async def listed(query: str = "") -> dict[str, dict[str, Any]]:
        answer = await ledger.client.get(f"/v1/backup-coverage?limit=2{query}", headers=ledger.headers)
        page = answer.json()
        found = {view["name"]: view for view in page["data"]}
        if page["has_more"]:
            found |= await listed(f"{query}&cursor={page['next_cursor']}")
        return found

    fleet = await listed()
    assert set(fleet) == {"main", "old", "none"}
    assert fleet["main"]["policy"] == "enabled"
    assert fleet["main"]["next_run_at"] is not None
    assert fleet["main"]["newest_backup"]["id"] == encode_id("bak", newest.id)
    assert 7 < fleet["main"]["newest_verified"]["age_seconds"] / 86_400 < 9
    assert (fleet["none"]["policy"], fleet["none"]["newest_backup"]) == ("none", None)
    assert set(await listed("&days=9")) == {"old", "none"}
    await ledger.add(None, 0, verified_at=now)
    assert set(await listed()) == {"old", "none"}
    assert (await listed("&all=true"))["main"]["is_covered"]


async def test_putting_the_same_twice_by_its_key_is_done_once(ledger: Ledger) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    first = await ledger.put(headers=key)
    second = await ledger.put(headers=key)
    assert second.headers["idempotency-replayed"] == "true"
    assert first.json() == second.json()
