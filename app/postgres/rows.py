"""Rows of an archive for tables that exist: what stands against that, and the SQL that loads and checks them."""

import asyncio
import re
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

from app.errors import Conflict, Unprocessable
from app.postgres.archive import Entry
from app.postgres.connect import Session
from app.postgres.identifiers import literal, quoted
from app.postgres.process import PIPE, ChildProcess
from app.postgres.relations import Name
from app.postgres.restore import Telling, Told, feed, use_list
from app.postgres.toolchain import Installation

_LOCK_SECONDS: Final = 10
_MOST_SHOWN: Final = 10
_NAME: Final = r"""(?:"(?:[^"]|"")*"|[^\s".(]+)"""
_COPY: Final = re.compile(rf"COPY (?:{_NAME}\.)?{_NAME} +(?:\((?P<columns>.*)\) )?FROM stdin;", re.DOTALL)
_COLUMN: Final = re.compile(r'"(?P<quoted>(?:[^"]|"")*)"|(?P<bare>[^",\s]+)')
_READ_BYTES: Final = 1024 * 1024

_TABLES: Final = """
SELECT c.oid::bigint, n.nspname AS schema, c.relname AS name,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
       ARRAY(SELECT k.confrelid::bigint FROM pg_catalog.pg_constraint AS k
              WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS refers_to,
       ARRAY(SELECT t.tgname::text FROM pg_catalog.pg_trigger AS t
              WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D') AS triggers
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS wanted (schema, name)
    ON (n.nspname, c.relname) = (wanted.schema, wanted.name)
 WHERE c.relkind = 'r'
"""
# Those that a column owns, and those that a default takes its values from.
_SEQUENCES: Final = """
SELECT DISTINCT n.nspname AS schema, c.relname AS name, s.seqincrement < 0 AS descends
  FROM pg_catalog.pg_depend AS d
  JOIN pg_catalog.pg_class AS c ON c.relkind = 'S' AND c.oid = CASE
       WHEN d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass THEN d.objid ELSE d.refobjid END
  JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = c.oid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_attrdef AS f ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = d.objid
 WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
       AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = ANY ($1::oid[])
    OR f.adrelid = ANY ($1::oid[]) AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
"""


class RowsUnfitting(Unprocessable):
    code, title = "ROWS_UNFITTING", "The rows do not fit into the tables that are there"


class TablesNotEmpty(Conflict):
    code, title = "TABLES_NOT_EMPTY", "The tables hold rows already"


@dataclass(frozen=True, slots=True)
class Found:
    """A table of the target database. ``refers_to`` are oids; ``triggers`` fire for every row that is loaded."""

    oid: int
    key: Name
    columns: frozenset[str]
    refers_to: tuple[int, ...]
    triggers: tuple[str, ...]

    @property
    def sql(self) -> str:
        return ".".join(quoted(part) for part in self.key)


@dataclass(frozen=True, slots=True)
class Counter:
    key: Name
    descends: bool


async def tables_for(session: Session, entries: Sequence[Entry]) -> list[Found]:
    """Those that the rows are for, referred to before referring. Raises RowsUnfitting, naming what is missing."""
    names = [_name(entry) for entry in entries]
    rows = await session.fetch(_TABLES, [schema for schema, _ in names], [name for _, name in names])
    found = {
        (row["schema"], row["name"]): Found(
            row["oid"],
            (row["schema"], row["name"]),
            frozenset(row["columns"]),
            tuple(row["refers_to"]),
            tuple(row["triggers"]),
        )
        for row in rows
    }
    if absent := [name for name in names if name not in found]:
        raise RowsUnfitting(
            f"The target database has no table {_shown(absent)}. Restore the definitions first, or other tables."
        )
    for entry in entries:
        missing = sorted(set(columns_of(entry)) - found[_name(entry)].columns)
        if missing:
            raise RowsUnfitting(
                f"The table {_shown([_name(entry)])} of the target database lacks the columns {', '.join(missing)}, or "
                "makes their values by itself. Add them, or restore the table beside and copy what fits.",
                columns=missing,
            )
    return _ordered(list(found.values()))


async def require_empty(session: Session, tables: Sequence[Found]) -> None:
    """Raises TablesNotEmpty."""
    await session.execute("SET row_security = off")
    filled = [
        table.key
        for table in tables
        if await session.fetchval(f"SELECT EXISTS (SELECT FROM ONLY {table.sql})")  # noqa: S608 (quoted names)
    ]
    if filled:
        raise TablesNotEmpty(
            f"There are rows in {_shown(filled)} already. Empty them yourself, or add to them with on_rows=append."
        )


async def sequences_of(session: Session, tables: Sequence[Found]) -> list[Counter]:
    rows = await session.fetch(_SEQUENCES, [table.oid for table in tables])
    return [Counter((row["schema"], row["name"]), row["descends"]) for row in rows]


def before_rows(tables: Sequence[Found], *, append: bool) -> list[str]:
    """Nobody else writes from here on, so what is counted afterwards is what was loaded."""
    statements = [
        f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'",
        f"LOCK TABLE {', '.join(f'ONLY {table.sql}' for table in tables)} IN SHARE ROW EXCLUSIVE MODE",
        "SET LOCAL row_security = off",
    ]
    for number, table in enumerate(tables):
        count = f"SELECT pg_catalog.count(*) FROM ONLY {table.sql}"  # noqa: S608 (quoted names)
        statements.append(f"SELECT pg_catalog.set_config('pgm.rows_{number}', ({count})::text, true)")
        if not append:
            statements.append(
                _unless(f"current_setting('pgm.rows_{number}') = '0'", f"{table.sql} is not empty any more")
            )
    return statements


def after_rows(
    tables: Sequence[Found],
    expected: Mapping[Name, int],
    sequences: Sequence[Counter],
    values: Mapping[Name, int | None],
) -> list[str]:
    """Every row that was announced is in, or none is; and no sequence gives a value that a row has."""
    statements = [
        _unless(
            f"(SELECT pg_catalog.count(*) FROM ONLY {table.sql}) = "  # noqa: S608 (quoted names)
            f"current_setting('pgm.rows_{number}')::bigint + {expected[table.key]}",
            f"{table.sql} has not {expected[table.key]} more rows: a trigger or a rule of it drops or adds some",
        )
        for number, table in enumerate(tables)
    ]
    for sequence in sequences:
        value = values.get(sequence.key)
        if value is not None:
            name = ".".join(quoted(part) for part in sequence.key)
            further = "least" if sequence.descends else "greatest"
            statements.append(
                f"SELECT pg_catalog.setval({literal(name)}::pg_catalog.regclass, "  # noqa: S608 (quoted names)
                f"{further}({value}, (SELECT last_value FROM {name} WHERE is_called)))"
            )
    return statements


async def rows_script(
    archive: AsyncGenerator[bytes],
    dump_ids: Collection[int],
    client: Installation,
    *,
    run_as: tuple[int, int] | None,
    telling: Telling,
) -> AsyncGenerator[bytes]:
    """The COPY statements and their rows, by a pg_restore that reads ``archive``. It ends well only when both did."""
    told = Told(telling)
    arguments = ["--section=data", "--use-list={list}", "--file=-", "--format=custom", "--no-owner"]
    async with ChildProcess.started(
        [*client.command("pg_restore"), *arguments],
        env={"LC_MESSAGES": "C"},
        files={"list": use_list(dump_ids)},
        stdin=PIPE,
        stdout=PIPE,
        run_as=run_as,
        on_stderr_line=told.take,
    ) as child:
        feeding = asyncio.get_running_loop().create_task(_fed(child, archive, told, telling))
        try:
            while chunk := await child.read(_READ_BYTES):
                yield chunk
            code = await feeding
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
        if code != 0 or told.error is not None:
            raise told.problem(code)


def columns_of(entry: Entry) -> list[str]:
    """As the archive's COPY statement names them."""
    found = _COPY.match(entry.copy_statement or "")
    listed = (found["columns"] if found else None) or ""
    return [
        one["bare"] if one["quoted"] is None else one["quoted"].replace('""', '"') for one in _COLUMN.finditer(listed)
    ]


def _ordered(tables: list[Found]) -> list[Found]:
    """Tables that refer to each other in a circle stay as they come: their keys must be deferrable then."""
    by_oid = {table.oid: table for table in tables}
    graph = {table.oid: {one for one in table.refers_to if one in by_oid} for table in tables}
    try:
        return [by_oid[oid] for oid in TopologicalSorter(graph).static_order()]
    except CycleError:
        return tables


async def _fed(child: ChildProcess, archive: AsyncGenerator[bytes], told: Told, telling: Telling) -> int:
    """Whatever ends it ends the child's input, so that nobody waits for what it would say to the rest."""
    assert child.stdin is not None
    try:
        async with aclosing(archive):
            return await feed(child, archive, told, telling)
    finally:
        child.stdin.close()


def _unless(condition: str, otherwise: str) -> str:
    body = f"BEGIN IF NOT ({condition}) THEN RAISE EXCEPTION USING MESSAGE = {literal(otherwise)}; END IF; END"
    return f"DO {literal(body)}"


def _name(entry: Entry) -> Name:
    return entry.namespace or "", entry.tag


def _shown(names: Sequence[Name]) -> str:
    shown = ", ".join(".".join(name) for name in names[:_MOST_SHOWN])
    return shown if len(names) <= _MOST_SHOWN else f"{shown} and {len(names) - _MOST_SHOWN} others"
