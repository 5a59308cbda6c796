"""Which variable is led to the application's login, told without asking anybody."""

from datetime import UTC, datetime

import pytest

from app.applications.moving import jobs_of, moves, references_to_application
from app.connections.models import Application
from app.databases.referrers import Surroundings
from app.kit.ids import new_id
from app.providers.railway.observed import SeenCluster, SeenMember, SeenPlugins, SeenService
from app.providers.railway.references import references

NAMES = {"s-db": "My Postgres", "s-pool": "PgBouncer", "s-edge": "Postgres HA", "s-web": "web"}
ALONE = SeenPlugins(pitr=None, pooler_service_id=None, cluster=None)
POOLED = SeenPlugins(pitr=None, pooler_service_id="s-pool", cluster=None)
CLUSTER = SeenPlugins(
    pitr=None,
    pooler_service_id=None,
    cluster=SeenCluster(
        role="primary",
        root_service_id="s-db",
        members=[SeenMember(service_id="s-edge", service_name="Postgres HA", role="edge")],
        read_endpoint=None,
    ),
)


def around(plugins: SeenPlugins, value: str, *, shared: bool = False) -> Surroundings:
    variables = {"X": {"value": value}}
    config = {"sharedVariables": variables} if shared else {"services": {"s-web": {"variables": variables}}}
    services = {
        key: SeenService(name=name, image=None, region=None, deployment=None, volume=None)
        for key, name in NAMES.items()
    }
    return Surroundings("production", services, references(config), plugins, datetime.now(UTC))


def application(name: str = "app") -> Application:
    return Application(
        project_id=new_id(),
        database_id=new_id(),
        name=name,
        logical_database="railway",
        owner_role=f"{name}_owner",
        created_by="test",
    )


@pytest.mark.parametrize(
    ("plugins", "value"),
    [
        (ALONE, "${{My Postgres.DATABASE_URL}}"),
        (ALONE, "${{ My Postgres.DATABASE_URL }}"),
        (POOLED, "${{My Postgres.DATABASE_UNPOOLED_URL}}"),
    ],
)
def test_the_private_address_by_itself_is_moved(plugins: SeenPlugins, value: str) -> None:
    seen = around(plugins, value)
    found = moves("s-db", seen, application())
    assert [(one.service, one.variable, one.after) for one in found] == [("web", "X", "My Postgres.DATABASE_APP_URL")]
    (job,) = jobs_of(new_id(), seen, found, redeploy=True)
    assert (job.service_id, job.value, job.redeploy) == ("s-web", "${{My Postgres.DATABASE_APP_URL}}", True)


@pytest.mark.parametrize(
    ("plugins", "value", "reason"),
    [
        (ALONE, "${{My Postgres.DATABASE_PUBLIC_URL}}", "public"),
        (ALONE, "${{My Postgres.DATABASE_URL}}?schema=shop", "more than the address"),
        (ALONE, "${{My Postgres.PGPASSWORD}}", "part of it"),
        (POOLED, "${{My Postgres.DATABASE_URL}}", "PgBouncer"),
        (POOLED, "${{PgBouncer.DATABASE_URL}}", "PgBouncer"),
        (CLUSTER, "${{Postgres HA.DATABASE_URL}}", "cluster"),
    ],
)
def test_what_cannot_be_moved_for_sure_is_left_with_the_reason(plugins: SeenPlugins, value: str, reason: str) -> None:
    seen = around(plugins, value)
    (found,) = moves("s-db", seen, application())
    assert found.after is None
    assert reason in (found.reason or "")
    assert list(jobs_of(new_id(), seen, [found], redeploy=False)) == []


def test_a_shared_variable_is_left_since_it_is_every_service_that_has_it() -> None:
    (found,) = moves("s-db", around(ALONE, "${{My Postgres.DATABASE_URL}}", shared=True), application())
    assert (found.service, found.after) == (None, None)


@pytest.mark.parametrize("value", ["${{My Postgres.PGHOST}}", "${{My Postgres.DATABASE_APP_URL}}"])
def test_what_has_no_login_of_the_superuser_is_none_of_this(value: str) -> None:
    assert moves("s-db", around(ALONE, value), application()) == []


def test_who_refers_to_an_application_is_known_by_its_variables() -> None:
    seen = around(ALONE, "${{My Postgres.DATABASE_APP_WEB_URL}}")
    assert references_to_application("s-db", seen, application("web")) == ["web.X"]
    assert references_to_application("s-db", seen, application()) == []
