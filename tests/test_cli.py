import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.postgres.cluster import free_port
from app.runtime import Runtime
from app.settings import Settings
from tests.control import ControlServer, bearer, random_key

ROOT = Path(__file__).resolve().parents[1]
LONG = 120.0
PORTS = (27000, 27999)


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def environment(database_url: str, data_dir: Path, **changes: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PGM_DATABASE_URL": database_url,
        "PGM_SECRET_KEYS": f"a:{random_key()}",
        "PGM_API_KEY_PEPPER": random_key(),
        "PGM_DATA_DIR": str(data_dir),
        **changes,
    }


@asynccontextmanager
async def started(env: dict[str, str], *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`pgmanager` with these arguments; killed if it still runs at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", "from app.cli import main; main()", *arguments),
        env=env,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def called(env: dict[str, str], *arguments: str) -> Ended:
    """The same in this process, for what needs no event loop: a start costs seconds, most of them for imports."""
    result = CliRunner().invoke(cli, list(arguments), env=dict.fromkeys(os.environ) | env)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


async def pgmanager(env: dict[str, str], *arguments: str) -> Ended:
    async with started(env, *arguments) as process:
        out, err = await asyncio.wait_for(process.communicate(), LONG)
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


@pytest.fixture
def env(database_url: str, tmp_path: Path) -> dict[str, str]:
    return environment(database_url, tmp_path / "data")


async def test_what_needs_little_of_the_service_starts_without_importing_it() -> None:
    program = "import sys, app.cli; print({'aioboto3', 'alembic', 'fastapi', 'sqlmodel', 'structlog'} & {*sys.modules})"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), LONG)
    assert (process.returncode, out) == (0, b"set()\n")


async def test_the_document_is_printed_without_any_setting() -> None:
    ended = await pgmanager({"PATH": os.environ["PATH"]}, "openapi")
    assert ended.code == 0
    assert json.loads(ended.out)["openapi"].startswith("3.1")


def test_generated_keys_are_good_settings(tmp_path: Path) -> None:
    ended = called({}, "keys", "generate")
    values = dict(line.split("=", 1) for line in ended.out.splitlines())
    webhook = {
        "webhook_secrets": values.pop("PGM_ALERTS__WEBHOOK_SECRETS"),
        "webhook_url": "https://hooks.example.com/x",
    }
    known = {"database_url": "postgresql://x", "alerts": webhook, **{k[4:].lower(): v for k, v in values.items()}}
    Settings.model_validate(known)
    assert values.keys() == {"PGM_SECRET_KEYS", "PGM_API_KEY_PEPPER"}


def test_every_setting_is_listed_without_its_value(tmp_path: Path) -> None:
    env = environment("postgresql://x", tmp_path)
    ended = called(env, "settings")
    assert "| `PGM_DATABASE_URL` | required |" in ended.out
    assert "| `PGM_WORKER__CONCURRENCY` | `4` |" in ended.out
    assert env["PGM_API_KEY_PEPPER"] not in ended.out


@pytest.mark.parametrize(
    "command", [["serve"], ["worker"], ["migrate"], ["keys", "create", "--name", "x", "--preset", "admin"]]
)
def test_a_missing_setting_is_one_line_and_exit_2(command: list[str], tmp_path: Path) -> None:
    env = environment("postgresql://x", tmp_path)
    del env["PGM_API_KEY_PEPPER"]
    ended = called(env, *command)
    assert (ended.code, ended.out) == (2, "")
    line = "pgmanager: PGM_API_KEY_PEPPER is not set; `pgmanager keys generate` prints a good value\n"
    assert ended.err == line


async def test_the_first_key_is_made_on_the_command_line(
    env: dict[str, str], settings: Settings, client: httpx.AsyncClient
) -> None:
    env["PGM_API_KEY_PEPPER"] = settings.api_key_pepper.get_secret_value()
    ended = await pgmanager(env, "keys", "create", "--name", "first", "--preset", "admin", "--expires-days", "0")
    assert (ended.code, ended.err) == (0, "")
    headers = bearer(ended.out.strip())
    assert "keys:write" in (await client.get("/v1/whoami", headers=headers)).json()["scopes"]
    (key,) = (await client.get("/v1/api-keys", headers=headers)).json()["data"]
    assert (key["created_by"], key["expires_at"]) == ("cli", None)


def test_a_key_without_rights_or_for_no_project_is_refused(tmp_path: Path) -> None:
    env = environment("postgresql://x", tmp_path)
    for arguments in ([], ["--scope", "everything"], ["--preset", "admin", "--project", "prj_1"]):
        ended = called(env, "keys", "create", "--name", "x", *arguments)
        assert (ended.code, ended.out) == (2, "")


async def test_migrating_twice_at_once_is_safe(control: ControlServer, tmp_path: Path) -> None:
    async with control.database(template="template0") as url:
        env = environment(url, tmp_path)
        ended = await asyncio.gather(*(pgmanager(env, "migrate") for _ in range(2)))
    assert [one.code for one in ended] == [0, 0], ended


async def until_ready(url: str, process: asyncio.subprocess.Process, status: int = 200) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        for _ in range(1200):
            assert process.returncode is None, (await process.communicate())[1].decode()
            with suppress(httpx.TransportError):
                answer = await client.get(f"{url}/readyz?verbose")
                if answer.status_code == status and answer.json()["status"] != "degraded":
                    body: dict[str, Any] = answer.json()
                    return body
            await asyncio.sleep(0.1)
    pytest.fail(f"not {status} after two minutes")


async def test_serve_listens_on_both_families_works_and_stops_cleanly(env: dict[str, str]) -> None:
    port = free_port(*PORTS)
    env["PORT"] = str(port)
    async with started(env, "serve") as process:
        assert (await until_ready(f"http://127.0.0.1:{port}", process))["parts"]["worker"] == "ok"
        async with httpx.AsyncClient() as client:
            if socket.has_ipv6:
                assert (await client.get(f"http://[::1]:{port}/livez")).status_code == 200
            missing = await client.get(f"http://127.0.0.1:{port}/v1/x?token=hunter22")
            assert missing.json()["code"] == "NOT_FOUND"
            assert "server" not in missing.headers
        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(process.communicate(), LONG)
    assert process.returncode == 0, err.decode()
    lines = [json.loads(line) for line in err.decode().splitlines()]
    assert "hunter22" not in err.decode()
    answered = next(line for line in lines if line["event"] == "request.answered" and line["status"] == 404)
    assert answered["request_id"] == missing.headers["x-request-id"]
    assert {line["event"] for line in lines} >= {"server.listening", "process.stopping", "uvicorn.error.logged"}


async def test_serve_stays_unready_until_somebody_migrates(control: ControlServer, tmp_path: Path) -> None:
    async with control.database(template="template0") as url:
        env = environment(url, tmp_path, PGM_AUTO_MIGRATE="false", PORT=str(free_port(*PORTS)))
        address = f"http://127.0.0.1:{env['PORT']}"
        async with started(env, "serve") as process:
            body = await until_ready(address, process, status=503)
            assert body["parts"]["migrations"].startswith("pending")
            assert (await pgmanager(env, "migrate")).code == 0
            await until_ready(address, process)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), LONG) == 0


async def test_a_worker_runs_apart_and_stops_cleanly(
    env: dict[str, str], runtime: Runtime, client: httpx.AsyncClient
) -> None:
    async with started(env, "worker") as process:
        for _ in range(1200):
            if (await client.get("/readyz")).json()["status"] == "ok":
                break
            await asyncio.sleep(0.1)
        else:
            pytest.fail("no worker was seen within two minutes")
        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(process.communicate(), LONG)
    assert process.returncode == 0, err.decode()
