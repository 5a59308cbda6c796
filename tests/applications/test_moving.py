"""Which variable is led to the application's login, told without asking anybody."""

from datetime import UTC, datetime

import pytest

from app.applications.moving import jobs_of, moves, references_to_application, warnings_about_left
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


OURS = "${{My Postgres.APP_USER}}:${{My Postgres.APP_PASSWORD}}"


@pytest.mark.parametrize(
    ("plugins", "value", "after"),
    [
        (ALONE, "${{My Postgres.DATABASE_URL}}", "${{My Postgres.DATABASE_APP_URL}}"),
        (ALONE, "${{ My Postgres.DATABASE_URL }}", "${{My Postgres.DATABASE_APP_URL}}"),
        (POOLED, "${{My Postgres.DATABASE_UNPOOLED_URL}}", "${{My Postgres.DATABASE_APP_URL}}"),
        (CLUSTER, "${{Postgres HA.DATABASE_URL}}", "${{My Postgres.DATABASE_APP_URL}}"),
        (CLUSTER, "${{My Postgres.DATABASE_URL}}", "${{My Postgres.DATABASE_APP_URL}}"),
        *(
            (POOLED, value, f"postgresql://{OURS}@${{{{PgBouncer.RAILWAY_PRIVATE_DOMAIN}}}}:5432/railway")
            for value in ("${{My Postgres.DATABASE_URL}}", "${{PgBouncer.DATABASE_URL}}")
        ),
        *(
            (
                plugins,
                f"${{{{{service}.{variable}}}}}",
                f"postgresql://{OURS}@${{{{{service}.RAILWAY_TCP_PROXY_DOMAIN}}}}:${{{{{service}.RAILWAY_TCP_PROXY_PORT}}}}/railway",
            )
            for plugins, service, variable in (
                (ALONE, "My Postgres", "DATABASE_PUBLIC_URL"),
                (POOLED, "My Postgres", "DATABASE_PUBLIC_UNPOOLED_URL"),
                (CLUSTER, "Postgres HA", "DATABASE_PUBLIC_URL"),
            )
        ),
    ],
)
def test_an_address_by_itself_is_moved_and_leads_the_same_way(plugins: SeenPlugins, value: str, after: str) -> None:
    seen = around(plugins, value)
    found = moves("s-db", seen, application())
    assert [(one.service, one.variable, one.after, one.reason) for one in found] == [("web", "X", after, None)]
    (job,) = jobs_of(new_id(), seen, found, redeploy=True)
    assert (job.service_id, job.value, job.redeploy) == ("s-web", after, True)
    assert warnings_about_left(found) == []
    moved = around(plugins, after)
    assert moves("s-db", moved, application()) == []
    assert references_to_application("s-db", moved, application()) == ["web.X"]


@pytest.mark.parametrize(
    ("plugins", "value", "reason"),
    [
        (ALONE, "${{My Postgres.DATABASE_URL}}?schema=shop", "more than an address"),
        (ALONE, "${{My Postgres.PGPASSWORD}}", "part of one"),
        (CLUSTER, "${{Postgres HA.DATABASE_URL}}:5433", "more than an address"),
        (POOLED, "${{My Postgres.DATABASE_PUBLIC_URL}}", "over a public address"),
    ],
)
def test_what_cannot_be_moved_for_sure_is_left_with_what_to_do(plugins: SeenPlugins, value: str, reason: str) -> None:
    seen = around(plugins, value)
    (found,) = moves("s-db", seen, application())
    assert found.after is None
    assert list(jobs_of(new_id(), seen, [found], redeploy=False)) == []
    (warning,) = warnings_about_left([found, found])
    assert warning.startswith("Left with the superuser's login: web.X. It ")
    assert reason in warning
    assert "${{My Postgres.APP_USER}}" in warning


def test_a_name_that_a_url_cannot_hold_is_put_into_no_address_since_that_would_not_follow_a_rotation() -> None:
    (found,) = moves("s-db", around(POOLED, "${{PgBouncer.DATABASE_URL}}"), application("my app"))
    assert (found.after, "PgBouncer" in (found.reason or "")) == (None, True)


def test_a_shared_variable_is_left_since_it_is_every_service_that_has_it() -> None:
    (found,) = moves("s-db", around(ALONE, "${{My Postgres.DATABASE_URL}}", shared=True), application())
    assert (found.service, found.after) == (None, None)
    assert warnings_about_left([found])[0].startswith("Left with the superuser's login: shared.X. The environment")


@pytest.mark.parametrize("value", ["${{My Postgres.PGHOST}}", "${{My Postgres.DATABASE_APP_URL}}"])
def test_what_has_no_login_of_the_superuser_is_none_of_this(value: str) -> None:
    assert moves("s-db", around(ALONE, value), application()) == []


def test_who_refers_to_an_application_is_known_by_its_variables() -> None:
    seen = around(ALONE, "${{My Postgres.DATABASE_APP_WEB_URL}}")
    assert references_to_application("s-db", seen, application("web")) == ["web.X"]
    assert references_to_application("s-db", seen, application()) == []
