"""A production database whose backups are rows only, beside the real shop that tests of whole slots back up."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import col, select

from app.backups import tasks as backups
from app.databases.models import Database
from app.events.models import Alert
from app.jobs.machine import Programmes
from app.jobs.models import Job
from app.jobs.worker import JobWorker, WorkerOptions
from app.kit.ids import encode_id, new_id
from app.locations.access import seal_secret
from app.locations.holdings import Backup, BackupCopy, BackupState, CopyState, Origin
from app.locations.manifest import DumpOptions
from app.locations.models import Location
from app.policies import tasks as policies
from app.policies.models import BackupPolicy
from app.runtime import Runtime
from tests.backups.conftest import Shop, fresh, project_id, settings, shop
from tests.databases.records import add_database, somewhere
from tests.object_store import object_store_server, s3_location
from tests.planted import plant
from tests.postgres.conftest import cluster, debian, target, toolchain

__all__ = [
    "Shop",
    "cluster",
    "debian",
    "fresh",
    "object_store_server",
    "project_id",
    "s3_location",
    "settings",
    "shop",
    "target",
    "toolchain",
]

DAILY = {"schedules": [{"cron": "0 2 * * *", "zone": "Europe/Berlin", "jitter_seconds": 600}]}


@dataclass
class Ledger:
    """A database, a location that nobody ever reaches, and the API."""

    runtime: Runtime
    client: httpx.AsyncClient
    headers: dict[str, str]
    database: Database
    location: Location

    @property
    def path(self) -> str:
        return f"/v1/databases/{encode_id('db', self.database.id)}/backup-policy"

    async def put(self, **wish: Any) -> httpx.Response:
        headers = self.headers | wish.pop("headers", {})
        return await self.client.put(self.path, json=DAILY | wish, headers=headers)

    async def policy(self, **wish: Any) -> BackupPolicy:
        answer = await self.put(**wish)
        assert answer.status_code == 200, answer.text
        return await self.policy_row()

    async def policy_row(self) -> BackupPolicy:
        async with self.runtime.sessions() as session:
            query = select(BackupPolicy).where(BackupPolicy.database_id == self.database.id)
            return (await session.exec(query)).one()

    async def post(self, suffix: str, **body: Any) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": uuid4().hex}
        return await self.client.post(f"{self.path}:{suffix}", json=body, headers=headers)

    async def add(self, policy: BackupPolicy | None, days_ago: float, **values: Any) -> Backup:
        """A good backup with a copy in the location, scheduled when a policy is given."""
        async with self.runtime.sessions() as session, session.begin():
            moment = datetime.now(UTC) - timedelta(days=days_ago)
            values = {
                "origin": Origin.SCHEDULED if policy else Origin.MANUAL,
                "logical_database": "shop",
                "options": DumpOptions().model_dump(mode="json"),
                **values,
            }
            copy_state = values.pop("copy_state", CopyState.AVAILABLE)
            backup = Backup(
                id=new_id(),
                set_id=new_id(),
                project_id=self.database.project_id,
                database_id=self.database.id,
                policy_id=policy.id if policy else None,
                created_by="test",
                created_at=moment,
                **{"state": BackupState.AVAILABLE, "manifest_written_at": moment, **values},
            )
            session.add(backup)
            await session.flush()
            session.add(BackupCopy(backup_id=backup.id, location_id=self.location.id, state=copy_state))
        return backup

    async def fill(self, policy: BackupPolicy, days: int) -> list[Backup]:
        """One a day until today, the oldest first."""
        return [await self.add(policy, days - 1 - day) for day in range(days)]

    async def copies(self) -> dict[UUID, BackupCopy]:
        async with self.runtime.sessions() as session:
            return {copy.backup_id: copy for copy in (await session.exec(select(BackupCopy))).all()}

    async def states(self, backups: Sequence[Backup]) -> list[str]:
        copies = await self.copies()
        return [copies[backup.id].state for backup in backups]

    async def jobs(self, kind: str) -> list[Job]:
        async with self.runtime.sessions() as session:
            return list((await session.exec(select(Job).where(Job.kind == kind).order_by(col(Job.id)))).all())

    async def alerts(self) -> dict[str, bool]:
        """By type, whether it is open."""
        async with self.runtime.sessions() as session:
            found = (await session.exec(select(Alert).order_by(col(Alert.id)))).all()
        return {alert.type: alert.cleared_at is None for alert in found}


async def add_location(runtime: Runtime, project_id: UUID, **values: Any) -> Location:
    """Without a probe: a row is all that the tests of rows need."""
    location = Location(
        id=new_id(),
        project_id=project_id,
        endpoint_url="https://nowhere.invalid",
        bucket="b",
        access_key_id="k",
        secret_key_sealed=b"",
        created_by="test",
        **{"name": "nowhere", "is_default": True, **values},
    )
    secret = SecretStr(plant("the secret key of a location", uuid4().hex))
    location.secret_key_sealed = seal_secret(location, secret, runtime.key_ring)
    async with runtime.sessions() as session, session.begin():
        session.add(location)
    return location


@pytest.fixture
async def ledger(runtime: Runtime, client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID) -> Ledger:
    database = await add_database(runtime, project_id, target=somewhere())
    return Ledger(runtime, client, as_admin, database, await add_location(runtime, project_id))


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncGenerator[None]:
    """A worker that runs policies and backups, and leaves verifications to others."""
    stop = asyncio.Event()
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=Programmes(*policies.programmes(runtime), *backups.programmes(runtime)),
        options=WorkerOptions(host_id=runtime.host_id, grace_seconds=0),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()
