"""How many connections pools may open, and how many the server has for them. The arithmetic is shown wherever it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.connections.models import Pool
from app.postgres.slots import Slots

OURS: Final = 4  # two for jobs, two for looking


@dataclass(frozen=True, slots=True)
class Demand:
    """``direct``: connections of clients that go to the server without the pooler.

    PgBouncer keeps a pool, and a reserve, for each pair of a database and a user.
    """

    pools: Sequence[Pool]
    users: int
    slots: Slots | None
    direct: int

    @property
    def total(self) -> int:
        return sum(self.of(pool) for pool in self.pools)

    @property
    def free(self) -> int | None:
        """None where the server could not be asked."""
        return None if self.slots is None else max(0, self.slots.usable - OURS - self.direct)

    @property
    def is_too_large(self) -> bool:
        return self.free is not None and self.total > self.free

    def of(self, pool: Pool) -> int:
        most = (pool.size + pool.reserve) * self.users
        return most if pool.max_db_connections is None else min(most, pool.max_db_connections)

    def arithmetic(self) -> list[str]:
        lines = [self._line(pool) for pool in self.pools]
        if self.slots is None:
            return [*lines, "How many connections the server has is not known, since it did not answer."]
        server = (
            f"The server: {self.slots.max_connections} (max_connections) - {self.slots.reserved} reserved for superusers - "
            f"{OURS} of this service - {self.direct} of clients that use no pooler = {self.free}."
        )
        return [*lines, server]

    def _line(self, pool: Pool) -> str:
        line = f"Pool {pool.name}: ({pool.size} (size) + {pool.reserve} (reserve)) × {self.users} (users)"
        bound = "" if pool.max_db_connections is None else f", at most {pool.max_db_connections} (max_db_connections)"
        return f"{line}{bound} = {self.of(pool)}."
