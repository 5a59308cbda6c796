"""Rotation at the simulated Railway: the variables that tell a login, and the services that read them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.connections.application_variables import VariableNames
from app.connections.models import Application, LoginKind, LoginState
from app.databases.access import password_of, target_of
from app.kit.ids import new_id
from app.postgres.connection_string import parse_connection_string
from app.postgres.logins import refusal_of
from app.runtime import Runtime
from app.settings import Settings
from tests.changes.idle import a_named_service
from tests.control import make_settings
from tests.platform.records import connect as connection_to
from tests.platform.records import link
from tests.providers.railway_simulated.asking import an_environment, commit, deployed, variables_of
from tests.providers.railway_simulated.conftest import platform
from tests.railway_simulator.fixtures import simulator
from tests.railway_simulator.process import Pause, Simulator
from tests.railway_world import Served, adopt, serve
from tests.rotations.conftest import Rotator, a_login, an_application, working
from tests.sessions import connect

__all__ = ["platform", "simulator"]

URLS = {
    "PGPASSWORD": "${{POSTGRES_PASSWORD}}",
    "DATABASE_URL": "postgresql://${{POSTGRES_USER}}:${{POSTGRES_PASSWORD}}@${{RAILWAY_PRIVATE_DOMAIN}}:5432/${{POSTGRES_DB}}",
}


@pytest.fixture
def settings(database_url: str, tmp_path: Path, simulator: Simulator) -> Settings:
    return make_settings(
        database_url, tmp_path / "data", railway_endpoint=simulator.endpoint, railway_requests_per_second=1000
    )


@dataclass
class Site:
    """The server at Railway, one for all tests of this module, and the services beside it."""

    served: Served
    environment_id: str

    @property
    def service_id(self) -> str:
        found: str = self.served.place["service_id"]
        return found

    @property
    def name(self) -> str:
        found: str = self.served.place["service_name"]
        return found


@dataclass
class Sites:
    made: list[Site] = field(default_factory=list)


@pytest.fixture(scope="module")
def sites() -> Sites:
    return Sites()


@pytest.fixture
async def site(sites: Sites, platform: Simulator) -> Site:
    if not sites.made:
        environment_id = await an_environment(platform)
        sites.made.append(Site(await serve(platform, environment_id, public=True), environment_id))
    return sites.made[0]


@pytest.fixture
async def rotator(
    runtime: Runtime,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    project_id: UUID,
    platform: Simulator,
    site: Site,
) -> AsyncIterator[Rotator]:
    connection = await connection_to(runtime, platform, project_id)
    database = await adopt(runtime, await link(runtime, platform, connection, site.environment_id), site.served)
    target = target_of(database, runtime.key_ring)
    application = await an_application(runtime, target, database, prefix=f"app_{str(uuid4())[:6]}")
    rotator = Rotator(runtime, client, as_admin, target, database, application)
    yield rotator
    site.served = replace(site.served, password=password_of(await rotator.row(), runtime.key_ring).get_secret_value())


async def a_consumer(platform: Simulator, site: Site, **variables: str) -> str:
    service_id, _ = await a_named_service(platform, site.environment_id, f"web {str(uuid4())[:6]}", variables)
    return service_id


async def name_of(platform: Simulator, service_id: str) -> str:
    name: str = next(one["name"] for one in (await platform.state())["services"] if one["id"] == service_id)
    return name


def deployments_of(state: dict[str, Any], service_id: str) -> int:
    return sum(one["service_id"] == service_id for one in state["deployments"])


async def test_services_are_told_by_variables_and_deployed_one_after_another(
    rotator: Rotator, platform: Simulator, site: Site
) -> None:
    reference = f"${{{{{site.name}.DATABASE_APP_URL}}}}"
    first = await a_consumer(platform, site, DATABASE_URL=reference)
    second = await a_consumer(platform, site, DB=reference)
    other = await a_consumer(platform, site, DB=f"${{{{{site.name}.DATABASE_PUBLIC_URL}}}}")
    before = await platform.state()
    plan = (await rotator.rotate("app", query="?dry_run=true", services=[second, first]))["plan"]
    everybody = (await rotator.rotate("app", query="?dry_run=true"))["plan"]["consumers"]
    assert set(plan["consumers"]) <= set(everybody)
    assert await name_of(platform, other) not in everybody
    assert plan["outage"] is None
    assert any("APP_USER, APP_PASSWORD, DATABASE_APP_URL" in step for step in plan["steps"])
    async with working(rotator.runtime):
        job = await rotator.rotated("app", grace_seconds=60, services=[second, first])
    assert job["result"]["redeployed"] == plan["consumers"]
    current = await rotator.current()
    seen = await variables_of(platform, site.environment_id, first)
    login = parse_connection_string(seen["DATABASE_URL"])
    assert (login.user, login.password) == (current.role, rotator.password(current))
    assert login.host == site.served.place["private_host"]
    assert await refusal_of(rotator.at(current)) is None
    after = await platform.state()
    made = {one: deployments_of(after, one) - deployments_of(before, one) for one in (first, second, other)}
    assert made == {first: 1, second: 1, other: 0}
    assert deployments_of(after, site.service_id) == deployments_of(before, site.service_id)


async def test_a_cancel_leads_the_services_back(rotator: Rotator, platform: Simulator, site: Site) -> None:
    web = await a_consumer(platform, site, DATABASE_URL=f"${{{{{site.name}.DATABASE_APP_URL}}}}")
    former = await rotator.current()
    async with connect(rotator.at(former), application_name="test"), working(rotator.runtime):
        accepted = await rotator.rotate("app", services=[web])
        await rotator.waiting(accepted, "1 sessions")
        new = await rotator.current()
        assert (await variables_of(platform, site.environment_id, site.service_id))["APP_USER"] == new.role
        before = deployments_of(await platform.state(), web)
        cancel = rotator.headers | {"Idempotency-Key": "cancel"}
        await rotator.client.post(accepted["job"]["links"]["cancel"], headers=cancel)
        assert (await rotator.ended(accepted))["state"] == "cancelled"
    assert (await rotator.current()).role == former.role
    told = await variables_of(platform, site.environment_id, site.service_id)
    assert (told["APP_USER"], told["APP_PASSWORD"]) == (former.role, rotator.password(former).get_secret_value())
    assert deployments_of(await platform.state(), web) == before + 1
    assert await deployed(platform, site.environment_id, web)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("strategy", ["overlap", "immediate"])
async def test_a_worker_that_dies_while_it_writes_the_variables(
    rotator: Rotator, platform: Simulator, site: Site, when: str, strategy: str
) -> None:
    pause = await platform.pause("variableCollectionUpsert", when)
    accepted = await rotator.rotate("app", strategy=strategy, grace_seconds=0, consumers="leave")
    job = await killed(rotator, accepted, pause)
    assert job["state"] == "succeeded", job["error"]
    current = await rotator.current()
    told = await variables_of(platform, site.environment_id, site.service_id)
    assert (told["APP_USER"], told["APP_PASSWORD"]) == (current.role, rotator.password(current).get_secret_value())
    assert await rotator.works(current.role, rotator.password(current))


async def killed(rotator: Rotator, accepted: dict[str, Any], pause: Pause) -> dict[str, Any]:
    """The end of the job whose worker ended there, and which another worker took while the request went on."""
    async with working(rotator.runtime):
        assert await pause.reached(60)
    async with working(rotator.runtime):
        await pause.release()
        return await rotator.ended(accepted)


async def test_the_superusers_password_changes_in_the_server_and_in_what_everybody_reads(
    rotator: Rotator, platform: Simulator, site: Site
) -> None:
    await as_the_template_has_them(platform, site)
    copied = {"DATABASE_PUBLIC_URL": {"value": "postgresql://postgres:by-hand-not-secret@somewhere:1/railway"}}
    await commit(platform, site.environment_id, {"services": {site.service_id: {"variables": copied}}})
    web = await a_consumer(platform, site, DATABASE_URL=f"${{{{{site.name}.DATABASE_URL}}}}")
    former = password_of(rotator.database, rotator.runtime.key_ring)
    before = await platform.state()
    tried = (await rotator.rotate("postgres", query="?dry_run=true"))["plan"]
    assert tried["strategy"] == "immediate"
    assert await name_of(platform, web) in tried["consumers"]
    assert "new connections are refused" in tried["outage"]
    async with working(rotator.runtime):
        job = await rotator.rotated("postgres", services=[web])
    assert job["result"]["redeployed"] == [await name_of(platform, web)]
    (warning,) = job["warnings"]
    assert warning.startswith("DATABASE_PUBLIC_URL of the service")
    now = password_of(await rotator.row(), rotator.runtime.key_ring)
    assert now != former
    assert await rotator.ours_works()
    assert not await rotator.works("postgres", former)
    seen = parse_connection_string((await variables_of(platform, site.environment_id, web))["DATABASE_URL"])
    assert seen.password == now
    after = await platform.state()
    assert deployments_of(after, web) == deployments_of(before, web) + 1
    assert deployments_of(after, site.service_id) == deployments_of(before, site.service_id)


async def test_a_password_that_railway_does_not_take_is_put_back(
    rotator: Rotator, platform: Simulator, site: Site
) -> None:
    former = password_of(rotator.database, rotator.runtime.key_ring)
    await platform.fault("variableCollectionUpsert", "not_authorized")
    async with working(rotator.runtime):
        job = await rotator.ended(await rotator.rotate("postgres"))
    assert (job["state"], job["error"]["code"]) == ("failed", "RAILWAY_FORBIDDEN"), job["error"]
    assert password_of(await rotator.row(), rotator.runtime.key_ring) == former
    assert await rotator.ours_works()
    told = await variables_of(platform, site.environment_id, site.service_id)
    assert told["POSTGRES_PASSWORD"] == former.get_secret_value()


async def as_the_template_has_them(platform: Simulator, site: Site) -> None:
    values = {name: {"value": value} for name, value in URLS.items()}
    await commit(platform, site.environment_id, {"services": {site.service_id: {"variables": values}}})


async def test_what_cannot_be_rotated_so_is_refused_with_the_way_out(rotator: Rotator, site: Site) -> None:
    refusals: list[tuple[str, dict[str, Any], int, str]] = [
        ("nobody", {}, 404, "NOT_FOUND"),
        ("postgres", {"strategy": "overlap"}, 409, "ROTATION_IMPOSSIBLE"),
        ("app", {"services": ["nobody"]}, 422, "SERVICE_UNKNOWN"),
        ("app", {"services": ["x"], "consumers": "leave"}, 422, "VALIDATION_FAILED"),
        ("app", {"grace_seconds": -1}, 422, "VALIDATION_FAILED"),
    ]
    for name, wish, status, code in refusals:
        assert (await rotator.rotate(name, expect=status, **wish))["code"] == code, name
    temporary = a_login(rotator.database, f"guest_{site.environment_id[:6]}", LoginKind.TEMPORARY, LoginState.CURRENT)
    async with rotator.runtime.sessions() as session, session.begin():
        session.add(temporary)
    assert "ends by itself" in (await rotator.rotate(temporary.role, expect=409))["detail"]


@pytest.mark.parametrize(
    ("name", "user"), [("app", "APP_USER"), ("web", "APP_WEB_USER"), ("my-web 2", "APP_MY_WEB_2_000000_USER")]
)
def test_each_application_has_variables_of_its_own(name: str, user: str) -> None:
    application = Application(
        id=UUID(int=0),
        project_id=new_id(),
        database_id=new_id(),
        name=name,
        logical_database="railway",
        owner_role="owner",
        created_by="test",
    )
    assert VariableNames.of(application).user == user
