"""Statements that live in ``.sql`` files, one each, because their plan or their locking matters."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.base import Row as TableRow
from app.db.engine import Sessions

Table = TypeVar("Table", bound=TableRow)


@cache
def named_sql(package: str, name: str) -> TextClause:
    """The statement in ``<package>/sql/<name>.sql``. Parameters are written ``:name``, casts ``CAST(:name AS type)``."""
    return text(resources.files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8"))


async def run_sql(
    session: AsyncSession, statement: TextClause, parameters: Mapping[str, Any] | None = None
) -> CursorResult[Any]:
    """Runs textual SQL in the transaction of ``session``."""
    result: CursorResult[Any] = await session.exec(
        statement,  # type: ignore[call-overload]  # exec takes text, its overloads forgot
        params=parameters,
    )
    return result


async def rows_of(
    session: AsyncSession, table: type[Table], statement: TextClause, parameters: Mapping[str, Any]
) -> Sequence[Table]:
    """The whole rows of ``table`` that textual SQL returns, as objects of ``session``, refreshed if it has them."""
    query = select(table).from_statement(statement.bindparams(**parameters))
    result = await session.exec(
        query,  # type: ignore[call-overload]  # as above
        execution_options={"populate_existing": True},
    )
    rows: Sequence[Table] = result.scalars().all()
    return rows


async def run_alone(
    sessions: Sessions, statement: TextClause, parameters: Mapping[str, Any] | None = None
) -> Sequence[Row[Any]]:
    """Runs one statement as a transaction of its own: one round trip, where BEGIN and COMMIT would make it three."""
    engine: AsyncEngine = sessions.kw["bind"]
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        return (await connection.execute(statement, parameters)).all()
