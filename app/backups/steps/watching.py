"""How far a dump is, and whether it still moves."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from app.backups.errors import DumpStalled
from app.errors import Problem
from app.postgres.archive import ArchiveIndexer
from app.postgres.connect import Connections, Target
from app.postgres.relations import Name, Relation

STALLED_AFTER_SECONDS: Final = 300.0
_POLL_SECONDS: Final = 1.0
# Compressed archive bytes per byte of table, until the dump itself tells better.
_FIRST_GUESS: Final = 0.25
_TELLING_FRACTION: Final = 0.02

_COPY_PROGRESS: Final = 14  # the major that has the view
_COPYING: Final = """
SELECT p.relid, p.tuples_processed AS rows, p.bytes_processed AS bytes
  FROM pg_catalog.pg_stat_progress_copy AS p JOIN pg_catalog.pg_stat_activity AS a USING (pid)
 WHERE a.application_name = $1 AND p.datname = pg_catalog.current_database()
"""
_WAITING: Final = """
SELECT wait_event_type, wait_event FROM pg_catalog.pg_stat_activity
 WHERE application_name = $1 AND wait_event_type = 'Lock' LIMIT 1
"""


@dataclass(slots=True)
class Meter:
    """``sizes`` are bytes of tables by oid. ``rows`` fills up while they are counted, side by side with the dump."""

    sizes: Mapping[int, int]
    tables: Mapping[int, Relation]
    indexer: ArchiveIndexer
    rows: dict[Name, int] = field(default_factory=dict)
    bytes_read: int = 0
    waits_for_upload: bool = False
    is_dumped: bool = False
    fingerprint_seconds: float = 0.0
    copying: tuple[int, int, int] = (0, 0, 0)  # oid of the table, rows and bytes so far

    @property
    def rows_done(self) -> int:
        """Rows that are in the archive, as far as their tables are counted already."""
        return sum(self.rows.get(name, 0) for name in self.indexer.tables_read()) + self.copying[1]

    @property
    def rows_total(self) -> int:
        return sum(self.rows.values())

    @property
    def bytes_total(self) -> int:
        """An estimate of the archive's size: what was read so far, over the part of the tables that this was."""
        if self.is_dumped:
            return self.bytes_read
        whole = sum(self.sizes.values())
        done = self._table_bytes_done()
        if not whole or done < _TELLING_FRACTION * whole:
            return max(self.bytes_read, int(whole * _FIRST_GUESS))
        return max(self.bytes_read, int(self.bytes_read * whole / done))

    def signs_of_life(self) -> tuple[object, ...]:
        return self.bytes_read, len(self.rows), self.copying

    def _table_bytes_done(self) -> float:
        sizes = {relation.key: self.sizes.get(oid, 0) for oid, relation in self.tables.items()}
        done = float(sum(sizes.get(name, 0) for name in self.indexer.tables_read()))
        oid, rows, _ = self.copying
        if oid in self.tables and (total := self.rows.get(self.tables[oid].key)):
            done += self.sizes.get(oid, 0) * min(1.0, rows / total)
        return done


async def watch(
    meter: Meter,
    target: Target,
    *,
    server_major: int,
    application_name: str,
    connections: Connections,
    report: Callable[[Meter], None],
) -> None:
    """Reports once a second until it is cancelled. Raises DumpStalled after minutes without any sign of life."""
    loop = asyncio.get_running_loop()
    seen, since = meter.signs_of_life(), loop.time()
    while True:
        if server_major >= _COPY_PROGRESS:
            with suppress(Problem):  # only the display suffers
                async with connections.session(target) as session:
                    row = await session.fetchrow(_COPYING, application_name)
                    meter.copying = (row["relid"], row["rows"], row["bytes"]) if row else (0, 0, 0)
        report(meter)
        if meter.signs_of_life() != seen or meter.is_dumped:
            seen, since = meter.signs_of_life(), loop.time()
        elif loop.time() - since > STALLED_AFTER_SECONDS:
            raise await _stalled(meter, target, application_name, connections)
        await asyncio.sleep(_POLL_SECONDS)


async def _stalled(meter: Meter, target: Target, application_name: str, connections: Connections) -> DumpStalled:
    reason = "the location took no data" if meter.waits_for_upload else "the server sent no data"
    if not meter.waits_for_upload:
        with suppress(Problem):
            async with connections.session(target) as session:
                row = await session.fetchrow(_WAITING, application_name)
                if row:
                    reason = f"the server waits for a lock ({row['wait_event']})"
    minutes = STALLED_AFTER_SECONDS / 60
    return DumpStalled(f"Neither bytes nor rows moved for {minutes:.0f} minutes: {reason}. It is tried again.")
