"""The planner's statistics of a whole database, which no archive holds, gathered side by side."""

import asyncio
from typing import Final

from app.postgres.connect import Target, connect

# What ANALYZE without a name would take, the largest first. A partitioned table brings its partitions along.
_RELATIONS: Final = """
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
 ORDER BY CASE WHEN c.relkind = 'p'
               THEN (SELECT sum(pg_catalog.pg_relation_size(relid)) FROM pg_catalog.pg_partition_tree(c.oid))
               ELSE pg_catalog.pg_relation_size(c.oid) END DESC, c.oid
"""


async def gather_statistics(target: Target, *, sessions: int, application_name: str) -> None:
    """For one session this would take a quarter of the time of the restore itself."""
    async with connect(target, application_name=application_name) as session:
        queue = iter([row[0] for row in await session.fetch(_RELATIONS)])

    async def work() -> None:
        async with connect(
            target, application_name=application_name, statement_timeout_seconds=0, lock_timeout_seconds=0
        ) as session:
            for relation in queue:  # nothing is awaited between two sessions' turns
                await session.execute(f"ANALYZE {relation}")

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(sessions):
                tasks.create_task(work())
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None  # the others were cancelled because of it
