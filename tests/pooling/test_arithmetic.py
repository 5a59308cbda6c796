"""Sizes, versions and names, without any process."""

from typing import Any
from uuid import UUID

import pytest

from app.connections.models import Pool
from app.connections.poolers import follows_prepared_statements, version_of
from app.databases.models import Database
from app.pooling.capacity import Demand
from app.pooling.schemas import PoolPatch, is_pool_name
from app.pooling.sizing import sizing_of
from app.pooling.statistics import advice_for
from app.pooling.wishes import as_patched
from app.postgres.slots import Slots

NOBODY = UUID(int=0)


def pool(**values: Any) -> Pool:
    standard: dict[str, Any] = {"pooler_id": NOBODY, "name": "shop", "logical_database": "shop", "size": 20}
    return Pool(**(standard | values))


def database(provider: str) -> Database:
    return Database(project_id=NOBODY, environment_id=NOBODY, name="main", provider=provider, created_by="test")


def test_a_pool_counts_for_each_of_its_users_up_to_its_bound() -> None:
    pools = [pool(reserve=5), pool(name="reports", max_db_connections=30)]
    demand = Demand(pools, users=2, slots=Slots(max_connections=100, reserved=3, clients=10), direct=10)
    assert [demand.of(one) for one in pools] == [50, 30]
    assert (demand.total, demand.free, demand.is_too_large) == (80, 83, False)
    assert demand.arithmetic()[0] == "Pool shop: (20 (size) + 5 (reserve)) × 2 (users) = 50."
    assert demand.arithmetic()[1].endswith("at most 30 (max_db_connections) = 30.")


def test_a_server_that_does_not_answer_refuses_nothing() -> None:
    demand = Demand([pool(size=1000)], users=1, slots=None, direct=0)
    assert (demand.free, demand.is_too_large) == (None, False)
    assert sizing_of(database("external"), demand, cores=None).size is None


def test_the_advice_is_bounded_by_cores_and_by_connections() -> None:
    few = Demand([pool()], users=1, slots=Slots(max_connections=20, reserved=3, clients=8), direct=8)
    assert sizing_of(database("external"), few, cores=8).size == 5
    many = Demand([pool()], users=2, slots=Slots(max_connections=500, reserved=3, clients=0), direct=0)
    assert sizing_of(database("external"), many, cores=8).size == 8


@pytest.mark.parametrize(
    ("version", "options", "follows"),
    [
        ("1.18.0", {"max_prepared_statements": 200}, False),
        ("1.21.0", {}, False),
        ("1.21.0", {"max_prepared_statements": 100}, True),
        ("1.24.1", {}, True),
        ("1.24.1", {"max_prepared_statements": 0}, False),
        (None, {}, False),
    ],
)
def test_prepared_statements_need_a_version_and_an_option(
    version: str | None, options: dict[str, object], follows: bool
) -> None:
    assert follows_prepared_statements(version, options) is follows


def test_versions_are_read_as_numbers() -> None:
    assert version_of("PgBouncer 1.24.1") == (1, 24, 1)
    assert version_of("unknown") is None
    assert advice_for("1.25.2") == []
    assert [line[:13] for line in advice_for("1.25.0")] == ["CVE-2025-1281", "CVE-2026-6664"]


@pytest.mark.parametrize("name", ["pgbouncer", "a b", "-x", "", 'q"', "ünicode", "x\n"])
def test_names_that_the_configuration_could_not_hold_are_no_pools(name: str) -> None:
    assert not is_pool_name(name)


def test_a_patch_leaves_what_it_does_not_name() -> None:
    before = pool(reserve=5, max_db_connections=30)
    after = as_patched(PoolPatch(max_db_connections=None, size=9), before)
    assert (after.size, after.reserve, after.max_db_connections, before.size) == (9, 5, None, 20)
