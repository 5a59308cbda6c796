"""A worker that runs provisioning's jobs in this process, and the servers that it makes, ended with the test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from app.databases.models import Database
from app.databases.spec import spec_of
from app.jobs.machine import Programmes
from app.jobs.worker import JobWorker, WorkerOptions
from app.provisioning.tasks import programmes
from app.runtime import Runtime
from app.settings import Settings
from tests.control import data_dir_in, make_settings
from tests.railway_simulator.fixtures import simulator

__all__ = ["simulator"]

Finished = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


@pytest.fixture
def settings(database_url: str, server_directory: Path) -> Settings:
    """The data directory is one that the servers' user can enter, which pytest's own is not."""
    return make_settings(database_url, data_dir_in(server_directory))


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[None]:
    stop = asyncio.Event()
    options = WorkerOptions(host_id=runtime.host_id, grace_seconds=0)
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*programmes(runtime)),
        options=options,
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        yield
        stop.set()


@pytest.fixture(autouse=True)
async def no_server_left(runtime: Runtime) -> AsyncIterator[None]:
    yield
    async with runtime.sessions() as session:
        databases = (await session.exec(select(Database).where(Database.host_id == runtime.host_id))).all()
    for database in databases:
        if database.provider_data and database.password_sealed:
            await runtime.providers[database.provider].destroy(spec_of(database, runtime.key_ring))


@pytest.fixture
def finished(client: httpx.AsyncClient, as_admin: dict[str, str]) -> Finished:
    """Waits for the end of the job in an answer, and gives it."""

    async def wait(answer: dict[str, Any]) -> dict[str, Any]:
        job: dict[str, Any] = answer["job"]
        for _ in range(15):
            if job["done"]:
                return job
            job = (await client.get(f"{job['links']['self']}?wait=10", headers=as_admin)).json()
        message = f"{job['id']} is still {job['state']}"
        raise AssertionError(message)

    return wait


@pytest.fixture
async def project(client: httpx.AsyncClient, as_admin: dict[str, str]) -> dict[str, Any]:
    answer = await client.post("/v1/projects", json={"name": "shop"}, headers=as_admin)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document
