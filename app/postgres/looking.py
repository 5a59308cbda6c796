"""Reading the catalogue of a database in which others may have made functions and operators."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.postgres.connect import Session


@asynccontextmanager
async def looking(session: Session) -> AsyncGenerator[None]:
    """Names without a schema mean PostgreSQL's own, and nothing that lies in wait for a superuser in the schema public.

    What the server writes as SQL inside is qualified, so that it means the same anywhere.
    """
    async with session.transaction():
        await session.execute("SET LOCAL search_path = ''")
        yield
