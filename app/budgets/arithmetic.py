"""How many connections pools may open, and how many of the server's they may have, with every step in words.

A pool counts as full, since it fills up when the database is slow, which is when connections run out; and a deploy counts
as under way, since it starts what is new beside what is old.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.budgets.schemas import BudgetAssessment, BudgetPut, BudgetServer, BudgetVerdict, PoolEndpoint, PoolHolder

MONITORING: Final = 2
JOBS: Final = 2
WARN_PERCENT: Final = 80
_DURING_A_DEPLOY: Final = 2


@dataclass(frozen=True, slots=True)
class PoolSize:
    """Of PgBouncer, for each role that uses it. ``most`` bounds all of its roles together."""

    size: int
    reserve: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Pooler:
    """``pools`` by the name that clients give as their database; ``standard`` is of every other name."""

    standard: PoolSize
    pools: Mapping[str, PoolSize] = field(default_factory=dict)
    replicas: int = 1
    max_client_conn: int | None = None


@dataclass
class Sum:
    """Adds up, and remembers how."""

    default_database: str
    replicas_seen: Mapping[str, int]
    demand: int = 0
    arithmetic: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    is_refused: bool = False

    def direct(self, consumers: Sequence[PoolHolder]) -> None:
        for one in consumers:
            self.demand += self._clients(one, "connections")

    def pooled(self, consumers: Sequence[PoolHolder], pooler: Pooler | None) -> None:
        if not consumers:
            return
        if pooler is None:
            self.warnings.append(
                "No pooler is on record, so the consumers that are to use one are counted as if they did not. Describe it "
                "by `pooler`, or attach one by PUT /v1/databases/{id}/pooler."
            )
            self.direct(consumers)
            return
        clients = sum(self._clients(one, "clients of the pooler") for one in consumers)
        roles: dict[str, set[str | None]] = defaultdict(set)
        for one in consumers:
            roles[one.logical_database or self.default_database].add(one.role)
        for name, users in sorted(roles.items()):
            self.demand += self._pool(name, len(users), pooler)
        self._limit_clients(clients, pooler)

    def against(self, server: BudgetServer) -> BudgetAssessment:
        usable = max(0, server.max_connections - server.reserved - MONITORING - JOBS)
        percent = 100 * self.demand // usable if usable else None
        self.arithmetic.append(
            f"The server: {server.max_connections} (max_connections) - {server.reserved} (reserved) - {MONITORING} "
            f"(monitoring) - {JOBS} (jobs) = {usable} usable."
        )
        self.arithmetic.append(f"Together: {self.demand} of {usable}" + ("." if percent is None else f", {percent} %."))
        if server.sessions_total > self.demand:
            self.warnings.append(
                f"There are {server.sessions_total} sessions now, more than the {self.demand} that may be: not every "
                "consumer is declared. The list of sessions shows which."
            )
        verdict = BudgetVerdict.OK
        if self.is_refused or self.demand > usable:
            verdict = BudgetVerdict.REFUSE
        elif 100 * self.demand > WARN_PERCENT * usable:
            verdict = BudgetVerdict.WARN
        return BudgetAssessment(
            verdict=verdict,
            demand=self.demand,
            usable=usable,
            percent=percent,
            arithmetic=self.arithmetic,
            warnings=self.warnings,
            server=server,
        )

    def _clients(self, one: PoolHolder, of_what: str) -> int:
        replicas, whence = self._replicas(one)
        factor = _DURING_A_DEPLOY if one.overlaps else 1
        total = replicas * factor * one.processes * one.pool_max
        deploy = f" × {factor} (old and new during a deploy)" if one.overlaps else ""
        self.arithmetic.append(
            f"{one.service}: {replicas} (replicas{whence}){deploy} × {one.processes} (processes) × {one.pool_max} "
            f"(pool_max) = {total} {of_what}."
        )
        return total

    def _replicas(self, one: PoolHolder) -> tuple[int, str]:
        if one.replicas is not None:
            return one.replicas, ""
        seen = self.replicas_seen.get(one.service)
        if seen is not None:
            return seen, ", as last seen at Railway"
        self.warnings.append(f"How many replicas {one.service} has is not known; it is counted as 1.")
        return 1, ", supposed"

    def _pool(self, name: str, users: int, pooler: Pooler) -> int:
        pool = pooler.pools.get(name, pooler.standard)
        if pooler.pools and name not in pooler.pools:
            self.warnings.append(f"The pooler has no pool {name}; it is counted with the pooler's default size.")
        wanted = (pool.size + pool.reserve) * users
        most = wanted if pool.most is None else min(wanted, pool.most)
        bound = "" if most == wanted else f", at most {most} (max_db_connections)"
        total = most * pooler.replicas
        self.arithmetic.append(
            f"The pooler for {name}: ({pool.size} (size) + {pool.reserve} (reserve)) × {users} (roles){bound} × "
            f"{pooler.replicas} (replicas of the pooler) = {total} connections."
        )
        return total

    def _limit_clients(self, clients: int, pooler: Pooler) -> None:
        if pooler.max_client_conn is None:
            return
        limit = pooler.max_client_conn * pooler.replicas
        self.arithmetic.append(f"The pooler's clients: {clients} of {limit} (max_client_conn).")
        if clients > limit:
            self.is_refused = True
            self.warnings.append(
                f"The pooler turns clients away: {clients} may come, and it takes {limit} (max_client_conn)."
            )


def assess(
    declared: BudgetPut,
    server: BudgetServer,
    pooler: Pooler | None,
    *,
    default_database: str,
    replicas_seen: Mapping[str, int],
) -> BudgetAssessment:
    found = Sum(default_database, replicas_seen)
    found.direct([one for one in declared.consumers if one.endpoint is PoolEndpoint.DIRECT])
    found.pooled([one for one in declared.consumers if one.endpoint is PoolEndpoint.POOLED], pooler)
    return found.against(server)
