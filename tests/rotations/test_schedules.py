"""Applications that rotate by themselves, and plans that are told before anything is done."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlmodel import col, update

from app.auth.scopes import Scope
from app.connections.application_variables import VariableNames, door_of, url_template
from app.connections.models import Application
from app.databases.models import Database
from app.databases.places import Site
from app.databases.referrers import Surroundings
from app.jobs.models import Schedule
from app.kit.clock import utc_now
from app.kit.ids import encode_id, new_id
from app.providers.railway.observed import SeenCluster, SeenMember, SeenPlugins, SeenService
from app.providers.railway.place import Place
from app.providers.railway.references import references
from app.rotations.errors import RotationImpossible, ServiceUnknown
from app.rotations.readers import readers_of, require_standalone, shared_readers
from app.rotations.schemas import RedeployWish
from app.rotations.subjects import Subject
from tests.control import KeyFactory, bearer
from tests.rotations.conftest import Rotator, working

PATH = "/applications/app/rotation-schedule"
WISH = {"cron": "0 3 1 * *", "zone": "Europe/Berlin", "grace_seconds": 0}


async def test_a_schedule_is_put_read_fired_and_removed(rotator: Rotator) -> None:
    put = await rotator.call("PUT", PATH, WISH, expect=200)
    assert (put["cron"], put["zone"], put["consumers"], put["last_run"]) == (
        "0 3 1 * *",
        "Europe/Berlin",
        "redeploy",
        None,
    )
    assert len(put["next_runs"]) == 3
    assert await rotator.call("GET", PATH, expect=200) == put
    async with rotator.runtime.sessions() as session, session.begin():
        due = col(Schedule.kind) == "role.rotate"
        await session.exec(update(Schedule).where(due).values(slot=utc_now(), next_run_at=utc_now()))
    former = await rotator.current()
    async with working(rotator.runtime):
        await rotator.ended({"job": await fired(rotator)})
    assert (await rotator.current()).role != former.role
    assert (await rotator.call("GET", PATH, expect=200))["last_run"] is not None
    await rotator.call("DELETE", PATH, expect=204)
    assert (await rotator.call("GET", PATH, expect=404))["code"] == "NOT_FOUND"
    await rotator.call("DELETE", PATH, expect=404)


async def fired(rotator: Rotator) -> dict[str, Any]:
    path = f"/v1/jobs?database_id={encode_id('db', rotator.database.id)}&kind=role.rotate"
    async with asyncio.timeout(60):
        while True:
            found = (await rotator.client.get(path, headers=rotator.headers)).json()["data"]
            if found:
                job: dict[str, Any] = found[0]
                return job
            await asyncio.sleep(0.05)


async def test_the_schedule_of_an_application_that_is_gone_removes_itself(rotator: Rotator) -> None:
    await rotator.call("PUT", PATH, WISH, expect=200)
    accepted = await rotator.rotate("app")
    async with rotator.runtime.sessions() as session, session.begin():
        (await session.get_one(Application, rotator.application.id)).deleted_at = utc_now()
    async with working(rotator.runtime):
        job = await rotator.ended(accepted)
    assert (job["state"], job["result"]["skipped"]) == ("succeeded", "the application was deleted")
    async with rotator.runtime.sessions() as session:
        assert (await session.exec(update(Schedule).values(enabled=True))).rowcount == 0


@pytest.mark.parametrize(
    "change", [{"cron": "every day"}, {"zone": "Mars/Olympus"}, {"grace_seconds": 10**9}, {"cron": "0 0 30 2 *"}]
)
async def test_a_schedule_that_means_nothing_is_refused(rotator: Rotator, change: dict[str, Any]) -> None:
    assert (await rotator.call("PUT", PATH, WISH | change, expect=422))["code"] == "VALIDATION_FAILED"


async def test_who_may_read_may_not_rotate_and_strangers_find_nothing(
    rotator: Rotator, client: httpx.AsyncClient, key_factory: KeyFactory
) -> None:
    reader = bearer(await key_factory(Scope.ROLES_READ))
    once = {"Idempotency-Key": "once"}
    for method, path in (("POST", "/roles/app:rotate"), ("PUT", PATH), ("DELETE", PATH)):
        body = WISH if method == "PUT" else {}
        denied = await client.request(method, rotator.path + path, json=body, headers=reader | once)
        assert (denied.status_code, denied.json()["required_scope"]) == (403, "roles:rotate"), path
    assert (await client.get(rotator.path + PATH, headers=reader)).status_code == 404
    stranger = bearer(await key_factory(*Scope, projects=[new_id()]))
    for method, path in (("POST", "/roles/app:rotate"), ("PUT", PATH), ("DELETE", PATH), ("GET", PATH)):
        body = WISH if method == "PUT" else {}
        answer = await client.request(method, rotator.path + path, json=body, headers=stranger | once)
        assert answer.status_code == 404, f"{method} {path}"


async def test_two_rotations_at_once_do_not_both_begin(rotator: Rotator) -> None:
    first = await rotator.rotate("app")
    second = await rotator.rotate("app", expect=409, strategy="immediate")
    assert (second["code"], second["blocking_job_id"]) == ("JOB_CONFLICT", first["job"]["id"])


async def test_an_application_without_a_second_login_says_how_to_get_one(rotator: Rotator) -> None:
    async with rotator.runtime.sessions() as session, session.begin():
        for login in (await rotator.logins()).values():
            if login.role.endswith("_b"):
                await session.delete(await session.get_one(type(login), login.id))
    refused = await rotator.rotate("app", expect=409)
    assert refused["code"] == "APPLICATION_INCOMPLETE"
    assert ":harden" in refused["detail"]


def surroundings(variables: dict[str, dict[str, str]], plugins: SeenPlugins | None = None) -> Surroundings:
    """Services by name, which are their ids too; those of "shared" are the environment's."""
    config = {
        "sharedVariables": {name: {"value": value} for name, value in variables.pop("shared", {}).items()},
        "services": {
            service: {"variables": {name: {"value": value} for name, value in values.items()}}
            for service, values in variables.items()
        },
    }
    services = {
        name: SeenService(name=name, image=None, region=None, deployment=None, volume=None)
        for name in ("Postgres", "Pooler", *variables)
    }
    return Surroundings("production", services, references(config), plugins, datetime(2026, 1, 1, tzinfo=UTC))


def subject_and_site(application: str | None = None) -> tuple[Subject, Site]:
    database = Database(
        project_id=new_id(), environment_id=new_id(), name="main", provider="railway", created_by="test"
    )
    place = Place(connection_id=new_id(), project_id="p", environment_id="e", service_id="Postgres")
    owner = (
        Application(
            project_id=new_id(),
            database_id=database.id,
            name=application,
            logical_database="railway",
            owner_role="o",
            created_by="test",
        )
        if application
        else None
    )
    return Subject(database, owner), Site(database, place, None)  # type: ignore[arg-type]  # nobody asks Railway here


VARIABLES = {
    "web": {"DATABASE_URL": "${{Postgres.DATABASE_URL}}"},
    "api": {"URL": "${{Pooler.DATABASE_URL}}", "APP": "${{Postgres.DATABASE_APP_URL}}"},
    "cron": {"HOST": "${{Postgres.PGHOST}}"},
    "Pooler": {"AUTH": "${{Postgres.POSTGRES_PASSWORD}}"},
    "shared": {"COMMON": "${{Postgres.DATABASE_URL}}"},
}
PLUGINS = SeenPlugins(pitr=None, pooler_service_id="Pooler", cluster=None)


def test_the_pooler_comes_first_and_whoever_reads_no_password_is_left_alone() -> None:
    subject, site = subject_and_site()
    around = surroundings(dict(VARIABLES), PLUGINS)
    found = readers_of(subject, site, around, RedeployWish.REDEPLOY, None)
    assert [one.name for one in found] == ["Pooler", "api", "web"]
    assert shared_readers(subject, site, around) == ["COMMON"]
    chosen = readers_of(subject, site, around, RedeployWish.REDEPLOY, ["web"])
    assert [one.name for one in chosen] == ["Pooler", "web"]
    assert readers_of(subject, site, around, RedeployWish.LEAVE, None) == []
    with pytest.raises(ServiceUnknown, match="nobody"):
        readers_of(subject, site, around, RedeployWish.REDEPLOY, ["web", "nobody"])


def test_an_application_concerns_only_who_reads_its_variables() -> None:
    subject, site = subject_and_site("app")
    around = surroundings(dict(VARIABLES), PLUGINS)
    assert [one.name for one in readers_of(subject, site, around, RedeployWish.REDEPLOY, None)] == ["api"]
    other, site = subject_and_site("web")
    assert readers_of(other, site, around, RedeployWish.REDEPLOY, None) == []


def test_the_superuser_of_a_cluster_is_left_to_the_cluster_and_applications_enter_by_its_door() -> None:
    members = [
        SeenMember(service_id="Postgres", service_name="Postgres", role="root"),
        SeenMember(service_id="HA", service_name="Postgres HA", role="edge"),
    ]
    cluster = SeenCluster(role="root", root_service_id="Postgres", members=members, read_endpoint=None)
    plugins = SeenPlugins(pitr=None, pooler_service_id=None, cluster=cluster)
    door = door_of(surroundings({}, plugins))
    names = VariableNames("APP_USER", "APP_PASSWORD", "DATABASE_APP_URL")
    url = url_template(names, "it's me", "my shop", door=door)
    own = "postgresql://it%27s%20me:${{APP_PASSWORD}}@${{Postgres HA.RAILWAY_PRIVATE_DOMAIN}}:5432/my%20shop"
    assert url == own
    assert door_of(surroundings({}, PLUGINS)) is None
    with pytest.raises(RotationImpossible, match="health server"):
        require_standalone(surroundings({}, plugins))
    require_standalone(surroundings({}, PLUGINS))
