"""The database that `backup` and `restore` move: the sample shop, as large as asked, checked against what it must be.

Dozens of tables with text, numbers, jsonb, times and addresses, and large objects; none has more than a fifth of the
bytes, and gzip leaves a third to a sixth of them. Larger is more rows of the same kind, never the same rows again.
"""

from dataclasses import dataclass

from app.embedded.sample import parts
from app.postgres.connect import Session, Target
from tests.sessions import connect

LOAD_SECONDS = 3600
LEAST_TABLES = 8
LARGEST_SHARE = 0.2
COMPRESSES = (3.0, 6.0)  # times, by the seed's gzip

_MIB = 1024 * 1024
_MIB_AT_SCALE_ONE = 335
_SIZES = """
SELECT pg_catalog.pg_total_relation_size(c.oid) AS bytes
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
UNION ALL SELECT pg_catalog.pg_total_relation_size('pg_catalog.pg_largeobject')
 ORDER BY 1 DESC
"""


class Unfit(Exception):
    """The data are not what the figures are said to be about."""


@dataclass(frozen=True)
class Dataset:
    size_bytes: int
    tables: int
    largest_share: float

    def __str__(self) -> str:
        return f"{self.size_bytes / _MIB:,.0f} MiB in {self.tables} tables, the largest with {self.largest_share:.0%} of them"


async def load(target: Target, mebibytes: int) -> Dataset:
    """Fills an empty database, and settles. Raises Unfit."""
    async with connect(target, application_name="bench", statement_timeout_seconds=LOAD_SECONDS) as session:
        for _, sql in parts(mebibytes / _MIB_AT_SCALE_ONE):
            await session.execute(sql, timeout=LOAD_SECONDS)
        await settle(session)
        loaded = await _described(session)
    if loaded.tables < LEAST_TABLES or loaded.largest_share > LARGEST_SHARE:
        raise Unfit(f"The data set has {loaded}.")
    return loaded


async def settle(session: Session) -> None:
    """Does now what the server would do later, while somebody else's time is taken."""
    await session.execute("VACUUM (FREEZE, ANALYZE)", timeout=LOAD_SECONDS)
    await session.execute("CHECKPOINT", timeout=LOAD_SECONDS)


async def _described(session: Session) -> Dataset:
    size: int = await session.fetchval("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())")
    shares = [row["bytes"] for row in await session.fetch(_SIZES)]
    return Dataset(size, len(shares), shares[0] / sum(shares))


def require_compressible(plain_bytes: int, gzipped_bytes: int) -> float:
    """How many times smaller gzip made the dump. Raises Unfit."""
    times = plain_bytes / gzipped_bytes
    if not COMPRESSES[0] <= times <= COMPRESSES[1]:
        raise Unfit(f"gzip made the dump {times:.2f} times smaller; it is to be {COMPRESSES[0]} to {COMPRESSES[1]}.")
    return times
