"""What a pooler tells of itself, typed, and what there is to say about its version."""

from typing import Any, Final, Self

from pydantic import Field

from app.auth.schemas import View
from app.connections.models import PoolMode
from app.connections.poolers import PREPARED_BY_DEFAULT_SINCE, PREPARED_SINCE, version_of
from app.postgres.pgbouncer_console import CONSOLE, Answer, Console

_MICROSECONDS: Final = 1_000_000
_SECURITY: Final = (
    (
        (1, 24, 1),
        "CVE-2025-2291: with auth_query a password worked after its VALID UNTIL. The query of this service looks at it.",
    ),
    (
        (1, 25, 1),
        "CVE-2025-12819: clients could set the search_path of auth_query. The function of this service pins it.",
    ),
    ((1, 25, 2), "CVE-2026-6664 to CVE-2026-6667, four flaws that this service cannot work around."),
)


class PoolNow(View):
    """Of one pool and one of its users, at this moment."""

    pool: str
    user: str
    mode: PoolMode
    clients_active: int
    clients_waiting: int
    servers_active: int
    servers_idle: int
    servers_used: int
    servers_tested: int
    servers_login: int
    longest_wait_seconds: float

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        return cls(
            pool=row["database"],
            user=row["user"],
            mode=row["pool_mode"],
            clients_active=row["cl_active"],
            clients_waiting=row["cl_waiting"],
            servers_active=row["sv_active"],
            servers_idle=row["sv_idle"],
            servers_used=row["sv_used"],
            servers_tested=row["sv_tested"],
            servers_login=row["sv_login"],
            longest_wait_seconds=row["maxwait"] + row["maxwait_us"] / _MICROSECONDS,
        )


class PoolTotals(View):
    """Since the process started. What a version does not count is null."""

    pool: str
    transactions: int
    queries: int
    received_bytes: int
    sent_bytes: int
    transaction_seconds: float
    query_seconds: float
    wait_seconds: float
    server_assignments: int | None
    client_parses: int | None
    server_parses: int | None
    binds: int | None

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        return cls(
            pool=row["database"],
            transactions=row["total_xact_count"],
            queries=row["total_query_count"],
            received_bytes=row["total_received"],
            sent_bytes=row["total_sent"],
            transaction_seconds=row["total_xact_time"] / _MICROSECONDS,
            query_seconds=row["total_query_time"] / _MICROSECONDS,
            wait_seconds=row["total_wait_time"] / _MICROSECONDS,
            server_assignments=row.get("total_server_assignment_count"),
            client_parses=row.get("total_client_parse_count"),
            server_parses=row.get("total_server_parse_count"),
            binds=row.get("total_bind_count"),
        )


class PoolerStatistics(View):
    version: str
    pools: list[PoolNow]
    totals: list[PoolTotals]
    lists: dict[str, int] = Field(description="As in SHOW LISTS: how many clients, servers, users and pools there are.")
    advice: list[str] = Field(description="What the version lacks.")


async def statistics_of(console: Console) -> PoolerStatistics:
    """Raises PoolerUnreachable."""
    version, pools, totals, lists = await console.show("VERSION", "POOLS", "STATS", "LISTS")
    number = str(version[0]["version"]).removeprefix("PgBouncer ")
    return PoolerStatistics(
        version=number,
        pools=[PoolNow.of(row) for row in _of_pools(pools)],
        totals=[PoolTotals.of(row) for row in _of_pools(totals)],
        lists={str(row["list"]): int(row["items"]) for row in lists},
        advice=advice_for(number),
    )


def advice_for(version: str | None) -> list[str]:
    numbers = version_of(version)
    if numbers is None:
        return ["The version is not known."]
    advice = []
    if numbers < PREPARED_SINCE:
        advice.append(
            "Pools in transaction mode serve no prepared statements before 1.21: clients switch them off, or use a pool in "
            "session mode."
        )
    elif numbers < PREPARED_BY_DEFAULT_SINCE:
        advice.append("Prepared statements are served, since max_prepared_statements is set here; before 1.24 it is 0.")
    fixes = [f"{text} Fixed in {'.'.join(map(str, fixed))}." for fixed, text in _SECURITY if numbers < fixed]
    return advice + fixes


def _of_pools(rows: Answer) -> Answer:
    return [row for row in rows if row["database"] != CONSOLE]
