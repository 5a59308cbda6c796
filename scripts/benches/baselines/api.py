"""The two services that `api` is measured against, each a process of its own: `api.py bare` and `api.py asyncpg`.

Both are what somebody would write in an afternoon, and both use our settings, tables and view, so that the difference
is what the service adds around them. `bare` looks the key up, compares its digest and reads the row through the same
SQLModel session. `asyncpg` asks nobody who calls, and reads the row from the driver's own pool.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import asyncpg
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from sqlmodel.ext.asyncio.session import AsyncSession

import app.models  # noqa: F401 (all tables: they refer to each other)
from app.auth.models import ApiKey
from app.databases.models import Database
from app.databases.schemas import DatabaseView
from app.db.engine import create_engine, create_sessions, plain_url
from app.kit import api_keys
from app.kit.ids import DatabaseId
from app.settings import Settings, load_settings

POOL_SIZE = 20  # as the service's own


def bare(settings: Settings) -> FastAPI:
    engine = create_engine(settings.database_url.get_secret_value(), application_name="bench-bare", pool_size=POOL_SIZE)
    sessions = create_sessions(engine)
    pepper = settings.pepper()

    async def open_session() -> AsyncIterator[AsyncSession]:
        async with sessions() as session:
            yield session

    session_of_request = Annotated[AsyncSession, Depends(open_session)]

    async def check_key(session: session_of_request, authorization: Annotated[str, Header()]) -> ApiKey:
        key_id, secret = api_keys.parse(authorization.removeprefix("Bearer "))
        key = await session.get(ApiKey, key_id)
        if key is None or not api_keys.matches(secret, key.digest, pepper):
            raise HTTPException(401)
        return key

    service = FastAPI()

    @service.get("/v1/databases/{database_id}", dependencies=[Depends(check_key)])
    async def get_database(database_id: DatabaseId, session: session_of_request) -> DatabaseView:
        database = await session.get(Database, database_id)
        if database is None:
            raise HTTPException(404)
        return DatabaseView.model_validate(database, from_attributes=True)

    return service


def with_asyncpg(settings: Settings) -> FastAPI:
    columns = ", ".join(name for name in DatabaseView.model_fields if name in Database.model_fields)
    query = f"SELECT {columns} FROM database WHERE id = $1"  # noqa: S608 (names of our own columns)

    @asynccontextmanager
    async def with_pool(service: FastAPI) -> AsyncIterator[None]:
        url = plain_url(settings.database_url.get_secret_value())
        async with asyncpg.create_pool(url, min_size=POOL_SIZE, max_size=POOL_SIZE) as pool:
            service.state.pool = pool
            yield

    service = FastAPI(lifespan=with_pool)

    @service.get("/v1/databases/{database_id}")
    async def get_database(database_id: DatabaseId, request: Request) -> dict[str, object]:
        row = await request.app.state.pool.fetchrow(query, database_id)
        if row is None:
            raise HTTPException(404)
        return dict(row)

    return service


if __name__ == "__main__":
    settings = load_settings()
    make = {"bare": bare, "asyncpg": with_asyncpg}[sys.argv[1]]
    uvicorn.run(
        make(settings),
        host="127.0.0.1",
        port=settings.port,
        loop="uvloop",
        http="httptools",
        log_level=settings.log.level,
        access_log=False,  # ours writes a line per request, and the cost of it counts against us
    )
