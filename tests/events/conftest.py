"""A database to be alerted of, a webhook that listens here, and a worker that announces."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from app.events import steps
from app.events.tasks import programmes
from app.jobs import execution
from app.jobs.machine import Programmes
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.signatures import generate_secret
from app.runtime import Runtime
from app.settings import AlertSettings, Settings
from tests.control import make_settings
from tests.databases.records import add_database, create_project
from tests.receiver import Receiver, receiver

SECRETS = [generate_secret(), generate_secret()]


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found


@pytest.fixture
def alerts(hook: Receiver) -> AlertSettings:
    """What tests of other settings replace."""
    values = {"allow_private": True, "webhook_secrets": ",".join(SECRETS), "webhook_url": hook.url(path="/token")}
    return AlertSettings.model_validate(values)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, alerts: AlertSettings) -> Settings:
    return make_settings(database_url, tmp_path / "data", alerts=alerts)


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)


@pytest.fixture
async def database_id(runtime: Runtime, project_id: UUID) -> UUID:
    return (await add_database(runtime, project_id)).id


@pytest.fixture
async def worker(runtime: Runtime) -> AsyncIterator[None]:
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*programmes(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0, poll_seconds=0.2),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        yield
        stop.set()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr(steps, "PAUSES", [timedelta(0)] * len(steps.PAUSES))
    monkeypatch.setattr(steps, "LEAST_WAIT_SECONDS", 0.1)
    monkeypatch.setattr(execution, "RETRY_BASE_SECONDS", 0.01)
    monkeypatch.setattr(execution, "RETRY_CAP_SECONDS", 0.01)
