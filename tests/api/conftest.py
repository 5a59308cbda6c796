"""An application with routes that go wrong in every way."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

import pytest
from fastapi import APIRouter, FastAPI, Header, HTTPException, Query
from pydantic import BaseModel, Field
from sqlalchemy import text
from starlette.responses import StreamingResponse

from app.auth.dependencies import RuntimeDep, SessionDep
from app.db.sql import run_sql
from app.errors import Unavailable
from app.kit.ids import ProjectId
from app.main import create_app
from app.runtime import Runtime


class Cat(BaseModel):
    kind: Annotated[str, Field(pattern="^cat$")]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]


class Bird(BaseModel):
    kind: Literal["bird"]


class Pet(BaseModel):
    pet: Annotated[Dog | Bird, Field(discriminator="kind")]


class Thing(BaseModel):
    model_config = {"extra": "forbid"}

    name: str = Field(max_length=5)
    size: int = 0
    owner: UUID | None = None
    cats: list[Cat] = []


router = APIRouter(prefix="/v1")


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    app = create_app(runtime)
    app.router.routes.extend(router.routes)
    return app


@router.put("/things", name="replace")
@router.post("/things")
async def make(thing: Thing) -> Thing:
    return thing


@router.get("/things/{project_id}")
async def show(project_id: ProjectId, limit: int = 1) -> str:
    return f"{project_id} {limit}"


@router.get("/see")
async def see(x_number: Annotated[int, Header()] = 0, colours: Annotated[list[str] | None, Query()] = None) -> int:
    return x_number


@router.get("/fail")
async def fail() -> None:
    raise RuntimeError("boom with password=hunter22")


@router.get("/away")
async def away() -> None:
    raise Unavailable("The store does not answer.", retry_after=7, store="s3")


@router.get("/early/{status}")
async def early(status: int) -> None:
    raise HTTPException(status, headers={"ETag": '"1"'})


@router.post("/run")
async def run(session: SessionDep, statement: str) -> None:
    await run_sql(session, text("SET LOCAL statement_timeout = '50ms'"))
    await run_sql(session, text(statement))


@router.get("/pooled")
async def pooled(runtime: RuntimeDep) -> None:
    runtime.engine.sync_engine.pool._timeout = 0.01  # type: ignore[attr-defined]  # the pool has no public way
    sessions = [runtime.sessions() for _ in range(21)]
    try:
        for session in sessions:
            await session.connection()
    finally:
        for session in sessions:
            await session.close()


@router.post("/pets")
async def keep_pet(pet: Pet) -> Pet:
    return pet


@router.get("/broken")
async def break_off() -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"begun"
        raise RuntimeError("boom")

    return StreamingResponse(chunks())
