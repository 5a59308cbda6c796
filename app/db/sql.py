"""Statements that live in ``.sql`` files, one each, because their plan or their locking matters."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from sqlalchemy import CursorResult, TextClause, text
from sqlmodel.ext.asyncio.session import AsyncSession


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
