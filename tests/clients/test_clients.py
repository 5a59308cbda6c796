"""The README's session in Python and in TypeScript, by the clients as others install them, on one embedded stack."""

import asyncio
import json
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pgmanager_client.models import JobState, Problem

from app import __version__
from app.embedded.stack import BUCKET, Stack, embedded_stack
from app.errors import NotFound

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CLIENTS = ROOT / "openapi"
NODE_MODULES = CLIENTS / "typescript" / "node_modules"
LONG = 270.0

pytestmark = pytest.mark.timeout(LONG + 30)


def environment(stack: Stack) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "PGM_URL": stack.base_url,
        "PGM_KEY": stack.admin_key.get_secret_value(),
        "S3_ENDPOINT": stack.store.endpoint_url,
        "S3_BUCKET": BUCKET,
        "S3_ACCESS_KEY_ID": stack.store.access_key,
        "S3_SECRET_ACCESS_KEY": stack.store.secret_key.get_secret_value(),
    }


async def ended(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> tuple[int | None, str]:
    """The exit code, and what was printed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), LONG)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, printed.decode()


async def compiled(folder: Path) -> tuple[int | None, str]:
    return await ended("node", NODE_MODULES / "typescript" / "bin" / "tsc", "--project", ".", cwd=folder)


def readme_example(language: str) -> str:
    found = re.search(rf"<!-- {language} -->\n```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found, f"the README has no example in {language}"
    return found.group(1)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with programs in TypeScript where `npm install` has put the client, which is a link."""
    for name in ("session.ts", "tsconfig.json"):
        shutil.copy(HERE / name, tmp_path)
    (tmp_path / "readme.ts").write_text(readme_example("typescript"))
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    (tmp_path / "node_modules" / "@types").mkdir(parents=True)
    (tmp_path / "node_modules" / "pgmanager-client").symlink_to(CLIENTS / "typescript")
    (tmp_path / "node_modules" / "@types" / "node").symlink_to(NODE_MODULES / "@types" / "node")
    return tmp_path


async def test_both_clients_run_the_session_of_the_readme(server_directory: Path, installed: Path) -> None:
    async with embedded_stack(server_directory / "clients") as stack:
        env = environment(stack)
        async with asyncio.TaskGroup() as tasks:
            python = tasks.create_task(ended(sys.executable, "session.py", cwd=HERE, env=env))
            assert await compiled(installed) == (0, "")
            typescript = tasks.create_task(ended("node", "session.js", cwd=installed, env=env))
        for example in ((sys.executable, "-c", readme_example("python")), ("node", "readme.js")):
            assert await ended(*example, cwd=installed, env=env) == (0, "shop available\n" * 2)

    for code, printed in (python.result(), typescript.result()):
        assert code == 0, printed
        told: dict[str, Any] = json.loads(printed)
        events = told.pop("events")
        assert events[0] == "state"
        assert events[-2:] == ["result", "end"]
        assert {"state", "step"} <= set(events)
        assert told == {
            "location": "available",
            "database": "available",
            "backup": "available",
            "rows": 100_000,
            "restore": "restored",
            "tables": [["orders", 100_000, True]],
            "restored": "100000|4950049500.00",
            "problem": [404, "NOT_FOUND", False],
        }


async def test_a_mistake_in_a_call_does_not_compile(installed: Path) -> None:
    """Names of members, values of enumerations and the kind of a union are all known to the compiler."""
    session = (installed / "session.ts").read_text()
    mistakes = {
        'addressing: "path"': 'addressing: "paths"',
        'kind: "logical_database"': 'kind: "logical"',
        "backup.rows": "backup.row_count",
        "params: { header: once() },": "",
    }
    for right, wrong in mistakes.items():
        assert right in session
        session = session.replace(right, wrong, 1)
    (installed / "session.ts").write_text(session)
    code, printed = await compiled(installed)
    assert code != 0
    assert len(re.findall(r"^session\.ts\(\d+,\d+\): error TS", printed, re.MULTILINE)) == len(mistakes), printed


def test_the_python_client_accepts_what_only_a_newer_service_says() -> None:
    state = JobState("paused")
    assert (state, state.value, str(state)) == ("paused", "paused", "paused")
    assert state not in set(JobState)
    problem = Problem.from_dict(NotFound("There is no such thing.").document() | {"since": 17})
    assert (problem.code, problem["since"]) == ("NOT_FOUND", 17)


def test_the_clients_have_the_version_of_the_service() -> None:
    python = tomllib.loads((CLIENTS / "python" / "pyproject.toml").read_text())
    typescript = json.loads((CLIENTS / "typescript" / "package.json").read_text())
    assert python["project"]["version"] == typescript["version"] == __version__
