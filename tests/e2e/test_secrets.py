"""Secrets that were planted in every place where the service takes one, looked for wherever it leaves a trace."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from app.embedded.demo import demo
from app.embedded.stack import Stack, embedded_stack
from app.http import http_client

PLANTED = "planted-5f1d9c3ba7e2"
# The service itself gets its settings by its environment; what it starts must not.
SERVICE = b"from app.cli import main"
CHILDREN = ("pg_dump", "pg_dumpall", "pg_restore", "psql", "postgres", "setpriv", "initdb", "weed")


@contextmanager
def children_seen() -> Iterator[dict[str, bytes]]:
    """Arguments and environment of every child that ran meanwhile, by its arguments; looked at without a pause."""
    seen: dict[str, bytes] = {}
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.005):
            for process in Path("/proc").iterdir():
                if process.name.isdigit():
                    with_arguments = _read(process / "cmdline")
                    name = Path(with_arguments.split(b"\0", 1)[0].decode(errors="replace")).name
                    # The launcher of the service is still setpriv for a moment, and has the service's settings.
                    if name.startswith(CHILDREN) and SERVICE not in with_arguments:
                        seen[with_arguments.decode(errors="replace")] = with_arguments + _read(process / "environ")

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        stop.set()
        looking.join()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return b""


async def refused_requests(stack: Stack) -> None:
    """Bad input with a secret in it: none of it may come back or be kept."""
    headers = {"Authorization": f"Bearer {stack.admin_key.get_secret_value()}", "Idempotency-Key": "secrets-1"}
    async with http_client(stack.base_url, headers=headers, timeout_seconds=60) as client:
        project = (await client.get("/v1/projects")).json()["data"][0]["id"]
        bodies: list[tuple[str, dict[str, Any]]] = [
            ("/v1/databases", _adoption(project, f"postgresql://u:{PLANTED}@127.0.0.1:1/x?passfile=/{PLANTED}")),
            ("/v1/databases", _adoption(project, f"postgresql://u:{PLANTED}@127.0.0.1:1/x")),
            ("/v1/databases", _adoption(project, {"nested": PLANTED})),
            ("/v1/locations", {"project_id": project, "secret_access_key": PLANTED, "bucket": [PLANTED]}),
            (
                "/v1/locations",
                {
                    "project_id": project,
                    "name": "other",
                    "endpoint_url": stack.store.endpoint_url,
                    "bucket": "backups",
                    "region": "us-east-1",
                    "addressing": "path",
                    "allow_insecure": True,
                    "access_key_id": stack.store.access_key,
                    "secret_access_key": PLANTED,
                },
            ),
        ]
        for path, body in bodies:
            answer = await client.post(path, json=body)
            assert 400 <= answer.status_code < 600, answer.text
            assert PLANTED not in answer.text
        answer = await client.get("/v1/whoami", headers={"Authorization": f"Bearer pgm_{PLANTED}"})
        assert answer.status_code == 401
        assert PLANTED not in answer.text


def _adoption(project: str, connection_string: object) -> dict[str, Any]:
    return {"provider": "external", "project_id": project, "name": "theirs", "connection_string": connection_string}


async def kept_rows(url: str) -> str:
    """Everything in the control database, as text."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = [
            str(row[0])
            for table in tables
            for row in await connection.fetch(f'SELECT to_jsonb(t)::text FROM "{table[0]}" AS t')
        ]
    finally:
        await connection.close()
    return "\n".join(rows)


@pytest.mark.timeout(300)
async def test_no_secret_is_left_in_arguments_environments_logs_or_rows(
    server_directory: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    directory = server_directory / "secrets"
    with children_seen() as children:
        async with embedded_stack(directory) as stack:
            kept = json.loads((directory / "secrets.json").read_text())
            control = next(iter((directory / "control" / "data" / "postmaster.pid").read_text().splitlines()[3:4]))
            await demo(stack, scale=0.003)
            await refused_requests(stack)
            password = await _database_password(stack)
            url = f"postgresql://pgmanager:{quote(kept['control_password'])}@127.0.0.1:{control}/postgres"
            rows = await kept_rows(url)
        log = await asyncio.to_thread(stack.log_file.read_text)
    secrets = {
        "the control database's password": kept["control_password"],
        "the sealing key": kept["sealing_keys"].partition(":")[2],
        "the pepper": kept["pepper"],
        "the store's secret key": kept["store_secret_key"],
        "the admin key": stack.admin_key.get_secret_value().rpartition("_")[2],
        "the managed database's password": password,
        "an age identity": "AGE-SECRET-KEY-1",
        "what was planted in bad requests": PLANTED,
    }
    places = {
        "the service's log": log,
        "the control database": rows,
        "what the demo printed": capfd.readouterr().out,
        **{f"the child {name[:60]!r}": found.decode(errors="replace") for name, found in children.items()},
    }
    assert {"pg_dump", "pg_restore", "postgres"} <= {Path(name.split("\0")[0]).name for name in children}
    assert len(rows) > 10_000
    assert '"method": "POST"' in log
    leaks = [
        f"{what} is in {place}" for what, secret in secrets.items() for place, text in places.items() if secret in text
    ]
    assert leaks == []


async def _database_password(stack: Stack) -> str:
    headers = {"Authorization": f"Bearer {stack.admin_key.get_secret_value()}"}
    async with http_client(stack.base_url, headers=headers) as client:
        database = (await client.get("/v1/databases")).json()["data"][0]["id"]
        variables = (await client.get(f"/v1/databases/{database}/variables?reveal=true")).json()["variables"]
    return str(variables["PGPASSWORD"])
