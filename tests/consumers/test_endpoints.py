"""Which reference leads where, and what is unwise about it: told without asking anybody."""

import pytest

from app.connections.endpoints import EndpointKind
from app.connections.errors import NoSuchEndpoint
from app.consumers.endpoints import Doors
from app.consumers.warnings import warnings_about
from app.providers.railway.references import references
from app.providers.railway.rewriting import renamed, shown

ALONE = Doors("My Postgres")
POOLED = Doors("Postgres", pooler="PgBouncer")
CLUSTER = Doors("Postgres", edge="Postgres HA")
TEMPLATE = {"DATABASE_URL", "PGHOST"}
URL = "postgresql://${{{{{name}.PGUSER}}}}:${{{{{name}.POSTGRES_PASSWORD}}}}@{address}/${{{{{name}.PGDATABASE}}}}"


def endpoint(doors: Doors, value: str) -> EndpointKind | None:
    config = {"services": {"web": {"variables": {"X": {"value": value}}}}}
    (found, *_) = references(config)
    return doors.endpoint_of(found)


@pytest.mark.parametrize(
    ("doors", "value", "expected"),
    [
        (ALONE, "${{My Postgres.DATABASE_URL}}", EndpointKind.PRIVATE),
        (ALONE, "${{ My Postgres.PGHOST }}:5432", EndpointKind.PRIVATE),
        (ALONE, "${{My Postgres.DATABASE_PRIVATE_URL}}", EndpointKind.PRIVATE),
        (ALONE, "${{My Postgres.DATABASE_PUBLIC_URL}}", EndpointKind.PUBLIC),
        (ALONE, "${{My Postgres.RAILWAY_TCP_PROXY_DOMAIN}}", EndpointKind.PUBLIC),
        (ALONE, "${{My Postgres.POSTGRES_PASSWORD}}", None),
        (POOLED, "${{Postgres.DATABASE_URL}}", EndpointKind.POOLED),
        (POOLED, "${{PgBouncer.DATABASE_URL}}", EndpointKind.POOLED),
        (POOLED, "${{Postgres.DATABASE_UNPOOLED_URL}}", EndpointKind.PRIVATE),
        (CLUSTER, "${{Postgres HA.DATABASE_URL}}", EndpointKind.PRIVATE),
        (CLUSTER, "${{Postgres HA.RAILWAY_PRIVATE_DOMAIN}}:5433", EndpointKind.READ),
        (CLUSTER, "${{Postgres HA.RAILWAY_PRIVATE_DOMAIN}}:5432", EndpointKind.PRIVATE),
    ],
)
def test_a_reference_tells_the_endpoint(doors: Doors, value: str, expected: EndpointKind | None) -> None:
    assert endpoint(doors, value) is expected


@pytest.mark.parametrize(
    ("doors", "wanted", "expected"),
    [
        (ALONE, EndpointKind.PRIVATE, "${{My Postgres.DATABASE_URL}}"),
        (POOLED, EndpointKind.PRIVATE, "${{Postgres.DATABASE_UNPOOLED_URL}}"),
        (POOLED, EndpointKind.POOLED, "${{PgBouncer.DATABASE_URL}}"),
        (CLUSTER, EndpointKind.PRIVATE, "${{Postgres HA.DATABASE_URL}}"),
        (
            CLUSTER,
            EndpointKind.READ,
            URL.format(name="Postgres", address="${{Postgres HA.RAILWAY_PRIVATE_DOMAIN}}:5433"),
        ),
        (
            ALONE,
            EndpointKind.PUBLIC,
            URL.format(
                name="My Postgres",
                address="${{My Postgres.RAILWAY_TCP_PROXY_DOMAIN}}:${{My Postgres.RAILWAY_TCP_PROXY_PORT}}",
            ),
        ),
    ],
)
def test_an_endpoint_is_written_as_references_alone(doors: Doors, wanted: EndpointKind, expected: str) -> None:
    variables = dict.fromkeys(doors.names, TEMPLATE)
    if doors is POOLED:
        variables["Postgres"] = TEMPLATE | {"DATABASE_UNPOOLED_URL"}
    value = doors.value_for(wanted, variables)
    assert value == expected == shown(value)


def test_a_public_url_of_the_template_goes_before_a_composed_one() -> None:
    variables = {"My Postgres": {"DATABASE_URL", "DATABASE_PUBLIC_URL"}}
    assert ALONE.value_for(EndpointKind.PUBLIC, variables) == "${{My Postgres.DATABASE_PUBLIC_URL}}"


@pytest.mark.parametrize(
    ("doors", "wanted"), [(ALONE, EndpointKind.POOLED), (ALONE, EndpointKind.READ), (POOLED, EndpointKind.READ)]
)
def test_an_endpoint_that_is_not_there_is_refused_with_the_way_to_it(doors: Doors, wanted: EndpointKind) -> None:
    with pytest.raises(NoSuchEndpoint, match=wanted):
        doors.value_for(wanted, {})


@pytest.mark.parametrize("prefix", ["NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "NUXT_PUBLIC_"])
def test_a_login_in_a_variable_for_browsers_is_warned_of(prefix: str) -> None:
    (warning,) = warnings_about(f"{prefix}DATABASE_URL", ["DATABASE_URL"], EndpointKind.PRIVATE)
    assert prefix in warning
    assert warnings_about(f"{prefix}DATABASE_NAME", ["PGDATABASE"], None) == []
    assert warnings_about("DATABASE_URL", ["DATABASE_URL"], EndpointKind.PRIVATE) == []


def test_egress_and_the_former_name_are_warned_of_with_the_fix() -> None:
    (egress,) = warnings_about("DATABASE_URL", ["DATABASE_PUBLIC_URL"], EndpointKind.PUBLIC)
    assert "egress" in egress
    (former,) = warnings_about("DATABASE_URL", ["DATABASE_PRIVATE_URL"], EndpointKind.PRIVATE)
    assert "refer to DATABASE_URL" in former


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${{Old.A}} ${{ Old . B }}", "${{New Name.A}} ${{New Name.B}}"),
        (
            "${{Older.A}} ${{A}} ${{shared.Old}} $Old.A {{Old.A}}",
            "${{Older.A}} ${{A}} ${{shared.Old}} $Old.A {{Old.A}}",
        ),
    ],
)
def test_only_references_to_the_service_are_rewritten(value: str, expected: str) -> None:
    assert renamed(value, "Old", "New Name") == expected


@pytest.mark.parametrize(
    "value",
    [
        "hunter2",
        "",
        "postgresql://user:hunter2@host/db",
        "postgresql://${{A.PGUSER}}:12345@${{A.PGHOST}}:5432/${{A.PGDATABASE}}",
        "${{A.PASSWORD}}hunter2",
        "postgresql://${{A.PGUSER}}:5432@${{A.PGHOST}}/x",
    ],
)
def test_whatever_may_be_a_secret_is_masked(value: str) -> None:
    assert shown(value) == "***"
