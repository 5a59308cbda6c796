"""What is measured: the embedded stack with its real worker, used over HTTP, and the programs of the seed recipe."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3  # type: ignore[import-untyped]  # only its asynchronous relative has stubs here

from app.embedded.stack import BUCKET, Stack, embedded_stack
from app.http import http_client
from app.kit.redaction import redact
from app.logging import configure_logging
from app.postgres.connect import Target, libpq_environment, libpq_secrets
from app.postgres.connection_string import parse_connection_string
from app.postgres.process import run
from app.postgres.toolchain import Toolchain
from app.settings import LogSettings

ROOT = Path(__file__).resolve().parents[2] / ".data" / "bench"
PROGRAM_SECONDS = 3600
PREFIX = "main"  # of the default location, and its name


class Invalid(Exception):
    """Something that is measured went wrong, so there is no figure."""


@dataclass(frozen=True)
class Shop:
    """A provisioned database, and how its own client programs are called."""

    path: str
    target: Target
    bin_dir: Path

    async def shell(self, script: str, *arguments: str | Path, database: str | None = None) -> float:
        """Wall time of a pipeline of client programs, which find the server in their environment as the service's do."""
        target = self.target if database is None else self.target.with_database(database)
        environment = libpq_environment(target, application_name="bench")
        environment["PATH"] = f"{self.bin_dir}:/usr/bin:/bin"
        command = ["/bin/bash", "-c", f"set -euo pipefail; {script}", "bench", *map(str, arguments)]
        began = time.perf_counter()
        ended = await run(command, env=environment, secrets=libpq_secrets(target), timeout_seconds=PROGRAM_SECONDS)
        seconds = time.perf_counter() - began
        if ended.returncode:
            raise Invalid(f"{script} ended with {ended.returncode}: {' | '.join(ended.stderr_lines[-3:])}")
        return seconds


class Installation:
    def __init__(self, stack: Stack, project_id: str) -> None:
        self.stack = stack
        self._s3 = boto3.client(
            "s3",
            endpoint_url=stack.store.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=stack.store.access_key,
            aws_secret_access_key=stack.store.secret_key.get_secret_value(),
        )
        self._project_id = project_id
        self.default_location = ""

    async def database(self) -> Shop:
        wish = {"provider": "local", "project_id": self._project_id, "name": "shop"}
        created = await self.call("POST", "/v1/databases", wish)
        await self.done(created["job"])
        path = f"/v1/databases/{created['database']['id']}"
        variables = (await self.call("GET", f"{path}/variables?reveal=true"))["variables"]
        major = int((await self.call("GET", path))["server_version"].split(".")[0])
        client = (await Toolchain.discover()).client_for_dump(major)
        if client.major != major or client.launcher:
            raise Invalid(f"There is no client of the server's own major, {major}.")
        return Shop(path, parse_connection_string(variables["DATABASE_URL"]), client.bin_dir)

    async def timed_job(self, path: str, body: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        """Seconds from the request until the caller knows that the job succeeded, and the answer to the request."""
        began = time.perf_counter()
        accepted = await self.call("POST", path, body)
        await self.done(accepted["job"])
        return time.perf_counter() - began, accepted

    async def done(self, job: dict[str, Any]) -> None:
        while not job["done"]:
            job = await self.call("GET", f"{job['links']['self']}?wait=60")
        if job["state"] != "succeeded":
            raise Invalid(f"The job {job['kind']} {job['state']}: {job['error']}")

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.stack.admin_key.get_secret_value()}"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        async with http_client(self.stack.base_url, headers=headers, timeout_seconds=90) as client:
            answer = await client.request(method, path, json=body)
        if answer.is_error:
            raise Invalid(f"{method} {path} answered {answer.status_code}: {answer.text}")
        document: dict[str, Any] = answer.json()
        return document

    async def upload(self, file: Path, key: str) -> float:
        """As who writes a backup script does it: boto3 with its defaults."""
        began = time.perf_counter()
        await asyncio.to_thread(self._s3.upload_file, str(file), BUCKET, key)
        return time.perf_counter() - began

    async def download(self, key: str, file: Path) -> float:
        began = time.perf_counter()
        await asyncio.to_thread(self._s3.download_file, BUCKET, key, str(file))
        return time.perf_counter() - began

    async def keys(self, prefix: str) -> list[str]:
        listed = await asyncio.to_thread(self._s3.list_objects_v2, Bucket=BUCKET, Prefix=prefix)
        return [found["Key"] for found in listed.get("Contents", [])]

    async def read(self, key: str) -> bytes:
        found = await asyncio.to_thread(self._s3.get_object, Bucket=BUCKET, Key=key)
        body: bytes = await asyncio.to_thread(found["Body"].read)
        return body

    async def location(self, name: str, *, endpoint_url: str | None = None) -> str:
        """The id of one in the stack's bucket, below a prefix of its name; the project's first is its default."""
        store = self.stack.store
        wish = {
            "project_id": self._project_id,
            "name": name,
            "endpoint_url": endpoint_url or store.endpoint_url,
            "bucket": BUCKET,
            "prefix": name,
            "region": "us-east-1",
            "addressing": "path",
            "access_key_id": store.access_key,
            "secret_access_key": store.secret_key.get_secret_value(),
            "allow_insecure": True,
        }
        return str((await self.call("POST", "/v1/locations", wish))["id"])


@asynccontextmanager
async def installed(name: str, *, with_worker: bool = True) -> AsyncIterator[Installation]:
    """A new installation with one project and its location; nothing of it is left after a good end."""
    configure_logging(LogSettings(level="warning"), redact)
    directory = ROOT / name
    async with embedded_stack(directory, with_worker=with_worker, fresh=True) as stack:
        project = await Installation(stack, "").call("POST", "/v1/projects", {"name": "bench"})
        installation = Installation(stack, project["id"])
        installation.default_location = await installation.location(PREFIX)
        yield installation
    await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)
