"""A whole installation to be hit: control database, two API replicas, workers, an object store behind a proxy that can
break, and a managed database with data in it. Everything is real, everything is a process of its own, and all of it
ends with the context.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
from pydantic import SecretStr

from app.databases.access import target_of
from app.databases.models import Database
from app.db import migrate
from app.db.engine import Sessions, create_engine, create_sessions
from app.embedded.sample import parts
from app.kit.ids import decode_id
from app.kit.sealing import KeyRing
from app.postgres.cluster import Cluster
from app.postgres.connect import Session, Target
from app.postgres.toolchain import Toolchain
from app.settings import LocalSettings, Settings, StorageSettings
from app.storage.s3 import S3Location, S3Stores
from app.storage.store import ObjectStore
from tests.control import make_settings
from tests.e2e import auditor
from tests.e2e.replicas import Replica, two_replicas
from tests.e2e.stage import (
    APPLICATION,
    client_of,
    connection_string,
    control_server,
    environment_of,
    make_admin_key,
    stop_databases,
)
from tests.e2e.store_process import StoreProcess
from tests.e2e.worker_process import Workers
from tests.object_store import HASTY
from tests.sessions import connect
from tests.storage.fault_proxy import FaultProxy

BUCKET: Final = "backups"
PREFIX: Final = "first"
SECOND_PREFIX: Final = "second"
THIRD_PREFIX: Final = "third"
SCALE: Final = 0.003
LOCAL_PORTS: Final = (28500, 29999)


@dataclass
class World:
    seed: int
    random: random.Random
    directory: Path
    toolchain: Toolchain
    settings: Settings
    # Servers.
    control: Cluster
    control_url: str
    store: StoreProcess
    proxy: FaultProxy
    # Processes of ours.
    apis: tuple[Replica, Replica]
    workers: Workers
    client: httpx.AsyncClient
    other_client: httpx.AsyncClient
    # For a look at the control database; the product does not use it.
    sessions: Sessions
    stores: S3Stores
    # What there is in it.
    project: str = ""
    location: str = ""  # the project's default, through the proxy
    second_location: str = ""  # not through the proxy
    third_location: str = ""  # nor this one
    database: str = ""
    target: Target = field(default=Target("", 0, "", SecretStr("")))
    # What the managed server had at the beginning.
    logical_databases: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    # By what they are; none may be in a log.
    secrets: dict[str, str] = field(default_factory=dict)
    _good_backup: str | None = None

    @property
    def prefixes(self) -> dict[str, str]:
        """Of the world's own locations, by their ids."""
        return {self.location: PREFIX, self.second_location: SECOND_PREFIX, self.third_location: THIRD_PREFIX}

    @property
    def backups(self) -> str:
        return f"/v1/databases/{self.database}/backups"

    # Requests.

    async def get(self, path: str) -> Any:
        answer = await self.client.get(path)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def post(
        self,
        path: str,
        body: Any = None,
        *,
        expect: int | None = None,
        client: httpx.AsyncClient | None = None,
        **headers: str,
    ) -> dict[str, Any]:
        """The answer's document; its status is ``expect``, or any of success. Header names have underscores here."""
        named = {"Idempotency-Key": uuid4().hex} | {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await (client or self.client).post(path, json=body, headers=named)
        as_expected = answer.is_success if expect is None else answer.status_code == expect
        assert as_expected, f"POST {path}: {answer.status_code} {answer.text}"
        document: dict[str, Any] = answer.json()
        return document

    async def delete(self, path: str, *, expect: int | None = None) -> dict[str, Any]:
        answer = await self.client.delete(path)
        as_expected = answer.is_success if expect is None else answer.status_code == expect
        assert as_expected, f"DELETE {path}: {answer.status_code} {answer.text}"
        document: dict[str, Any] = answer.json() if answer.content else {}
        return document

    async def start_backup(self, **body: Any) -> dict[str, Any]:
        return await self.post(self.backups, body, expect=202)

    async def start_restore(self, backup_id: str, target: dict[str, Any], **body: Any) -> dict[str, Any]:
        return await self.post("/v1/restores", {"backup_id": backup_id, "target": target, **body}, expect=202)

    async def ended(self, job: dict[str, Any], within_seconds: float = 120) -> dict[str, Any]:
        """The job's document at its end."""
        try:
            async with asyncio.timeout(within_seconds):
                while not job["done"]:
                    job = await self.get(f"/v1/jobs/{job['id']}?wait=5")
        except TimeoutError:
            raise AssertionError(f"the job did not end within {within_seconds} s: {job}") from None
        return job

    async def succeeded(self, job: dict[str, Any], within_seconds: float = 120) -> dict[str, Any]:
        ended = await self.ended(job, within_seconds)
        assert ended["state"] == "succeeded", ended["error"]
        return ended

    async def failed(self, job: dict[str, Any], within_seconds: float = 120) -> dict[str, Any]:
        """The problem document that the job failed with."""
        ended = await self.ended(job, within_seconds)
        assert ended["state"] == "failed", ended
        problem: dict[str, Any] = ended["error"]
        return problem

    async def at_step(self, job: dict[str, Any], step: str, within_seconds: float = 30) -> dict[str, Any]:
        """Returns as soon as the job is seen in ``step``."""
        async with asyncio.timeout(within_seconds):
            while not (job["progress"]["step"] == step and job["state"] == "running"):
                assert not job["done"], f"the job ended before its step {step}: {job}"
                await asyncio.sleep(0.01)
                job = await self.get(f"/v1/jobs/{job['id']}")
        return job

    # What there is.

    async def good_backup(self) -> str:
        """The id of an available backup of ``database``, made once and kept."""
        if self._good_backup is None:
            accepted = await self.start_backup(labels={"kept": "yes"})
            await self.succeeded(accepted["job"])
            self._good_backup = accepted["backups"][0]["id"]
        return self._good_backup

    async def adopt(self, server: str | Target, name: str) -> str:
        """The id of an adopted server, which others may run."""
        text = server if isinstance(server, str) else connection_string(server)
        wish = {"provider": "external", "project_id": self.project, "name": name, "connection_string": text}
        if isinstance(server, Target) and server.ca_pem:
            wish["ca_pem"] = server.ca_pem
        accepted = await self.post("/v1/databases", wish, expect=201)
        return str(accepted["database"]["id"])

    async def make_location(self, name: str, at: S3Location, **more: Any) -> str:
        wish = {
            "project_id": self.project,
            "name": name,
            "endpoint_url": at.endpoint_url,
            "bucket": at.bucket,
            "prefix": at.prefix,
            "region": at.region,
            "addressing": "path",
            "access_key_id": at.access_key_id,
            "secret_access_key": at.secret_access_key.get_secret_value(),
            "allow_insecure": True,
            **more,
        }
        return str((await self.post("/v1/locations", wish, expect=201))["id"])

    async def target_of(self, database: str) -> Target:
        async with self.sessions() as session:
            row = await session.get_one(Database, decode_id("db", database))
        return target_of(row, self.key_ring)

    @property
    def key_ring(self) -> KeyRing:
        return KeyRing.parse(self.settings.secret_keys.get_secret_value())

    # Past the product: the servers themselves.

    @asynccontextmanager
    async def session(self, name: str | None = None, *, target: Target | None = None) -> AsyncIterator[Session]:
        """On the managed server, in its default logical database unless named."""
        target = target or self.target
        async with connect(
            target if name is None else target.with_database(name), application_name=APPLICATION
        ) as session:
            yield session

    async def execute(self, sql: str, name: str | None = None) -> None:
        async with self.session(name) as session:
            await session.execute(sql)

    async def value(self, sql: str, *arguments: object, name: str | None = None) -> Any:
        async with self.session(name) as session:
            return await session.fetchval(sql, *arguments)

    async def bucket(self, prefix: str = PREFIX) -> ObjectStore:
        """The store itself, not through the proxy."""
        return await self.stores.open(self.store.location(BUCKET, prefix=prefix))

    async def remains(self) -> list[str]:
        """What is left of anything, after a while of quiet: see the auditor."""
        return await auditor.remains(self)

    async def put_right(self) -> None:
        """Both replicas and the usual workers run, and the proxy breaks nothing any more."""
        self.proxy.mend()
        await self.control.start()
        for replica in self.apis:
            await replica.put_right()
        await self.workers.put_right()
        for replica in self.apis:
            await replica.ready()


@asynccontextmanager
async def world(directory: Path, *, seed: int) -> AsyncIterator[World]:
    """``directory`` must be open to the servers' user and short, since sockets lie in it."""
    directory.mkdir(parents=True, exist_ok=True)
    toolchain = await Toolchain.discover()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        secret_key = secrets.token_urlsafe(30)
        control, store = await asyncio.gather(
            enter(control_server(directory / "control", toolchain)),
            enter(
                StoreProcess.started(
                    directory / "objects", access_key="world", secret_key=SecretStr(secret_key), buckets=[BUCKET]
                )
            ),
        )
        spec = control.spec
        url = f"postgresql://{spec.superuser}:{spec.password.get_secret_value()}@127.0.0.1:{spec.port}/postgres"
        settings = make_settings(
            url,
            directory / "data",
            storage=StorageSettings(allow_private_endpoints=True, allow_insecure_endpoints=True),
            local=LocalSettings(first_port=LOCAL_PORTS[0], last_port=LOCAL_PORTS[1]),
        )
        await migrate.upgrade(url)
        engine = create_engine(url, application_name=APPLICATION, pooled=False)
        stack.push_async_callback(engine.dispose)
        sessions = create_sessions(engine)
        admin_key = await make_admin_key(settings, sessions)
        stack.push_async_callback(stop_databases, settings, toolchain, sessions, control)
        environment = environment_of(settings)
        workers = await enter(Workers.nursed(environment, directory / "workers.log"))
        apis = await enter(two_replicas(environment, directory))
        built = World(
            seed=seed,
            random=random.Random(seed),
            directory=directory,
            toolchain=toolchain,
            settings=settings,
            control=control,
            control_url=url,
            store=store,
            proxy=await enter(FaultProxy.started(store.endpoint_url)),
            apis=apis,
            workers=workers,
            client=await enter(client_of(apis[0].url, admin_key)),
            other_client=await enter(client_of(apis[1].url, admin_key)),
            sessions=sessions,
            stores=await enter(S3Stores(allow_insecure=True, allow_private=True, patience=HASTY)),
            secrets={
                "the control database's password": spec.password.get_secret_value(),
                "the sealing key": settings.secret_keys.get_secret_value().partition(":")[2],
                "the pepper": settings.api_key_pepper.get_secret_value(),
                "the store's secret key": secret_key,
                "the admin key": admin_key.rpartition("_")[2],
                "an age identity": "AGE-SECRET-KEY-1",
            },
        )
        await workers.put_right()
        await _furnish(built)
        yield built


async def _furnish(world: World) -> None:
    world.project = (await world.post("/v1/projects", {"name": "shop"}))["id"]
    direct = world.store.location(BUCKET, prefix=SECOND_PREFIX)
    proxied = S3Location(
        endpoint_url=world.proxy.url,
        bucket=BUCKET,
        region=direct.region,
        addressing_style="path",
        access_key_id=direct.access_key_id,
        secret_access_key=direct.secret_access_key,
        prefix=PREFIX,
    )
    world.location = await world.make_location("first", proxied)
    world.second_location = await world.make_location("second", direct)
    third = world.store.location(BUCKET, prefix=THIRD_PREFIX)
    world.third_location = await world.make_location("third", third)
    created = await world.post(
        "/v1/databases", {"provider": "local", "project_id": world.project, "name": "shop"}, expect=202
    )
    await world.succeeded(created["job"])
    world.database = created["database"]["id"]
    world.target = await world.target_of(world.database)
    world.secrets["the managed database's password"] = world.target.password.get_secret_value()
    async with connect(world.target, application_name=APPLICATION, statement_timeout_seconds=120) as session:
        for _, sql in parts(SCALE):
            await session.execute(sql)
        names = await session.fetch("SELECT datname FROM pg_database")
        roles = await session.fetch("SELECT rolname FROM pg_roles")
    world.logical_databases = frozenset(row[0] for row in names)
    world.roles = frozenset(row[0] for row in roles)
