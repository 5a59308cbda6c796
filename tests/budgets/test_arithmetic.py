"""What pools come to, by the numbers alone."""

from typing import Any

import pytest

from app.budgets.arithmetic import Pooler, PoolSize, assess
from app.budgets.looking import replicas_in
from app.budgets.schemas import BudgetAssessment, BudgetPut, BudgetServer, BudgetVerdict, PoolHolder
from app.kit.clock import utc_now
from app.kit.ids import new_id
from app.providers.railway.models import RailwayObservation
from app.providers.railway.observed import SeenConfig, SeenStatus
from tests.platform.test_following import environment, service

SERVER = BudgetServer(
    max_connections=107, reserved=3, sessions=[], sessions_total=0, observed_at=utc_now()
)  # 100 usable


def holder(service: str = "web", *, pool_max: int = 10, **values: Any) -> PoolHolder:
    return PoolHolder.model_validate({"service": service, "pool_max": pool_max, "replicas": 1} | values)


def pooled(service: str = "web", **values: Any) -> PoolHolder:
    return holder(service, endpoint="pooled", **values)


def assessed(
    *consumers: PoolHolder,
    pooler: Pooler | None = None,
    replicas_seen: dict[str, int] | None = None,
    server: BudgetServer = SERVER,
) -> BudgetAssessment:
    declared = BudgetPut(consumers=list(consumers))
    return assess(declared, server, pooler, default_database="shop", replicas_seen=replicas_seen or {})


def test_every_process_of_every_replica_counts_and_a_deploy_doubles_them() -> None:
    found = assessed(holder(replicas=2, processes=3, pool_max=5), holder("worker", pool_max=4, overlaps=False))
    assert found.demand == 2 * 2 * 3 * 5 + 4
    assert found.arithmetic == [
        "web: 2 (replicas) × 2 (old and new during a deploy) × 3 (processes) × 5 (pool_max) = 60 connections.",
        "worker: 1 (replicas) × 1 (processes) × 4 (pool_max) = 4 connections.",
        "The server: 107 (max_connections) - 3 (reserved) - 2 (monitoring) - 2 (jobs) = 100 usable.",
        "Together: 64 of 100, 64 %.",
    ]
    assert found.warnings == []


@pytest.mark.parametrize(
    ("demand", "verdict"),
    [(0, "ok"), (80, "ok"), (81, "warn"), (100, "warn"), (101, "refuse")],
)
def test_more_than_80_percent_warn_and_more_than_there_is_refuses(demand: int, verdict: str) -> None:
    consumers = [holder(pool_max=demand, overlaps=False)] if demand else []
    assert assessed(*consumers).verdict == verdict


def test_a_server_with_nothing_to_give_refuses_whatever_is_asked() -> None:
    tiny = SERVER.model_copy(update={"max_connections": 5})
    found = assessed(holder(pool_max=1), server=tiny)
    assert (found.verdict, found.usable, found.percent) == (BudgetVerdict.REFUSE, 0, None)


def test_a_pooler_counts_once_for_each_database_and_role_and_replica() -> None:
    pooler = Pooler(PoolSize(20, 5), replicas=3)
    consumers = [pooled(), pooled("worker"), pooled("reports", role="reader")]
    found = assessed(*consumers, pooler=pooler)
    assert found.demand == (20 + 5) * 2 * 3
    assert (
        "The pooler for shop: (20 (size) + 5 (reserve)) × 2 (roles) × 3 (replicas of the pooler) = 150 connections."
        in found.arithmetic
    )
    assert found.verdict is BudgetVerdict.REFUSE


def test_a_pool_on_record_has_its_own_size_and_its_bound() -> None:
    pooler = Pooler(PoolSize(20), {"shop": PoolSize(10, 2, most=15)})
    consumers = [pooled(), pooled("reports", role="reader")]
    assert assessed(*consumers, pooler=pooler).demand == 15
    elsewhere = assessed(pooled(logical_database="archive"), pooler=pooler)
    assert elsewhere.demand == 20
    assert any("no pool archive" in warning for warning in elsewhere.warnings)


def test_a_pooler_that_would_turn_clients_away_refuses() -> None:
    found = assessed(pooled(replicas=6), pooler=Pooler(PoolSize(5), max_client_conn=100))
    assert (found.verdict, found.demand) == (BudgetVerdict.REFUSE, 5)
    assert any("120 may come, and it takes 100" in warning for warning in found.warnings)


def test_without_a_pooler_pooled_consumers_count_as_direct_ones() -> None:
    found = assessed(pooled(pool_max=7))
    assert found.demand == 14
    assert any("No pooler is on record" in warning for warning in found.warnings)


def test_replicas_are_those_that_were_seen_and_otherwise_one() -> None:
    consumers = [holder(replicas=None), holder("cron", replicas=None)]
    found = assessed(*consumers, replicas_seen={"web": 3})
    assert found.demand == (3 + 1) * 2 * 10
    assert "web: 3 (replicas, as last seen at Railway)" in found.arithmetic[0]
    assert any("How many replicas cron has" in warning for warning in found.warnings)


def test_more_sessions_than_may_be_tell_of_somebody_who_is_not_declared() -> None:
    busy = SERVER.model_copy(update={"sessions_total": 21})
    assert any("not every" in warning for warning in assessed(holder(), server=busy).warnings)
    assert assessed(holder(), server=SERVER.model_copy(update={"sessions_total": 20})).warnings == []


def test_replicas_are_seen_in_the_configuration_over_all_regions() -> None:
    config = {
        "services": {
            "svc-1": {
                "deploy": {"multiRegionConfig": {"us-west2": {"numReplicas": 2}, "europe-west4": {}, "gone": None}}
            },
            "svc-2": {"deploy": {}},
        }
    }
    state = environment(service("svc-1", "web", "web:1"), service("svc-2", "worker", "worker:1"), config=config)
    row = RailwayObservation(
        connection_id=new_id(),
        railway_project_id="prj-1",
        railway_environment_id="env-1",
        status=SeenStatus.of(state).model_dump(mode="json"),
        consumers=SeenConfig.of(state).model_dump(mode="json"),
    )
    assert replicas_in(row) == {"web": 3}
    assert row.consumers is not None
    row.consumers = {key: value for key, value in row.consumers.items() if key != "replicas"}  # of a release before
    assert replicas_in(row) == {}
    assert replicas_in(None) == {}
