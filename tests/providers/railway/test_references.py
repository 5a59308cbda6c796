"""Who refers to whom, told from configurations as people write them."""

from typing import Any

import pytest

from app.providers.railway.references import is_public_variable, references, written_addresses


def config(**variables: Any) -> dict[str, Any]:
    return {"services": {"svc-1": {"variables": {name: {"value": value} for name, value in variables.items()}}}}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("${{Postgres.DATABASE_URL}}", [("Postgres", "DATABASE_URL", True)]),
        ("  ${{ Postgres HA.DATABASE_URL }} ", [("Postgres HA", "DATABASE_URL", True)]),
        ("${{my.dotted.PGHOST}}", [("my.dotted", "PGHOST", True)]),
        (
            "postgresql://u:${{Postgres.PGPASSWORD}}@${{Postgres.PGHOST}}:5432/x",
            [("Postgres", "PGHOST", False), ("Postgres", "PGPASSWORD", False)],
        ),
        ("${{Postgres.PGHOST}}${{Postgres.PGHOST}}", [("Postgres", "PGHOST", False)]),
        ("${{PGUSER}}", []),
        ("${{shared.TOKEN}}", []),
        ("${{Postgres.not a name}}", []),
        ("${{.PGHOST}} ${{}} ${Postgres.PGHOST} {{Postgres.PGHOST}} ${{a{b.C}}", []),
        (None, []),
        (17, []),
    ],
)
def test_references_are_found_as_railway_reads_them(value: Any, found: list[tuple[str, str, bool]]) -> None:
    told = [(one.target_service_name, one.target_variable, one.is_whole) for one in references(config(URL=value))]
    assert told == found


def test_shared_variables_refer_for_everybody() -> None:
    (found,) = references({"sharedVariables": {"URL": {"value": "${{Postgres.DATABASE_URL}}"}}, "services": {}})
    assert (found.service_id, found.variable) == (None, "URL")


@pytest.mark.parametrize(
    "odd", [{}, {"services": None}, {"services": {"a": None}}, {"services": {"a": {"variables": {"X": None}}}}]
)
def test_what_is_not_there_refers_to_nothing(odd: dict[str, Any]) -> None:
    assert references(odd) == []


def test_public_addresses_are_told_from_private_ones_by_the_variable() -> None:
    public = ("DATABASE_PUBLIC_URL", "DATABASE_PUBLIC_UNPOOLED_URL", "RAILWAY_TCP_PROXY_DOMAIN")
    assert all(is_public_variable(name) for name in public)
    private = ("DATABASE_URL", "PGHOST", "RAILWAY_PRIVATE_DOMAIN", "RAILWAY_TCP_APPLICATION_PORT")
    assert not any(is_public_variable(name) for name in private)


def test_a_value_made_to_be_slow_to_read_is_read() -> None:
    """By a pattern that goes back for every character this would take hours."""
    hostile = "${{" + " " * 50_000 + "${{a." * 20_000
    assert references(config(URL=hostile)) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("postgresql://u:very.secret@Shore.proxy.rlwy.net:34567/railway", [("shore.proxy.rlwy.net", 34567)]),
        ("host=postgres.railway.internal port=5432", [("postgres.railway.internal", None)]),
        (
            "a.railway.internal:5432,b.railway.internal:5433",
            [("a.railway.internal", 5432), ("b.railway.internal", 5433)],
        ),
        ("shore.proxy.rlwy.net.evil.org:1 x.proxy.rlwy.network my.own.host:5432", []),
        ("${{Postgres.DATABASE_URL}}", []),
        ("-" * 100_000, []),
        (None, []),
    ],
)
def test_addresses_that_are_written_out_are_found_without_what_stands_around_them(
    value: Any, found: list[tuple[str, int | None]]
) -> None:
    assert [(one.host, one.port) for one in written_addresses(config(URL=value))] == found
    shared = written_addresses({"sharedVariables": {"URL": {"value": value}}})
    assert [(one.service_id, one.variable, one.host) for one in shared] == [(None, "URL", host) for host, _ in found]
