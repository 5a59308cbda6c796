"""Unique indexes as the last word on whether something is taken."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import Problem


@asynccontextmanager
async def guarded(session: AsyncSession, problems: Mapping[str, Problem]) -> AsyncIterator[None]:
    """What is changed inside is written at its end; an index named in ``problems`` that refuses it raises the problem.

    Runs in a savepoint, so the transaction can go on after the problem.
    """
    try:
        async with session.begin_nested():
            yield
    except IntegrityError as error:
        problem = problems.get(_constraint(error) or "")
        if problem is None:
            raise
        raise problem from None


def _constraint(error: IntegrityError) -> str | None:
    # SQLAlchemy's wrapper drops the name; asyncpg's own error, its cause, has it.
    cause = error.orig.__cause__ if error.orig is not None else None
    return getattr(cause, "constraint_name", None)
