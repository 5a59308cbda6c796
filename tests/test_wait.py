"""`pgmanager wait` against a server that listens: every way in which it ends, and what it says."""

import asyncio
import io
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from app.auth.scopes import Scope
from app.errors import Unprocessable
from app.jobs.machine import Move, done
from app.jobs.models import Job
from app.jobs.states import JobState
from app.kit.ids import encode_id, new_id
from app.main import create_app
from app.postgres.cluster import free_port
from app.runtime import Runtime
from app.waiting import Ending, WaitRefused, question, wait_for_job
from tests.control import KeyFactory
from tests.jobs.harness import Jobs, jobs_in
from tests.jobs.kinds import AnyRun, Plain, flow

ROOT = Path(__file__).resolve().parents[1]
PORTS = (27000, 27999)
LONG = 120.0


class Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(runtime: Runtime, port: int) -> AsyncIterator[str]:
    """The API at an address of its own; at the end it goes away from those who still wait."""
    config = uvicorn.Config(
        create_app(runtime), host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=0
    )
    server = Server(config)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True


@pytest.fixture
async def url(runtime: Runtime) -> AsyncIterator[str]:
    async with listening(runtime, free_port(*PORTS)) as address:
        yield address


@pytest.fixture
async def jobs(database_url: str) -> AsyncIterator[Jobs]:
    async with jobs_in(database_url) as jobs:
        yield jobs


@pytest.fixture
async def key(key_factory: KeyFactory) -> str:
    return await key_factory(Scope.JOBS_READ)


class Waiting:
    """One wait in this process, and what it has written so far."""

    def __init__(self, url: str, key: str, job: Job, *, terminal: bool = False) -> None:
        self._asked = question(url, key, encode_id("job", job.id))
        self.out, self.err = io.StringIO(), io.StringIO()
        self.err.isatty = lambda: terminal  # type: ignore[method-assign]  # a stream that says what it is

    async def end(self, timeout_seconds: float = LONG) -> Ending:
        return await wait_for_job(self._asked, timeout_seconds=timeout_seconds, out=self.out, err=self.err)

    async def told(self, text: str) -> None:
        async with asyncio.timeout(LONG):
            while text not in self.err.getvalue():
                await asyncio.sleep(0.01)

    @property
    def job(self) -> dict[str, Any]:
        seen: dict[str, Any] = json.loads(self.out.getvalue())
        return seen


async def fails(_run: AnyRun) -> Move:
    raise Unprocessable("There is no such table.")


async def test_a_success_is_0_and_prints_the_job_and_its_steps(url: str, key: str, jobs: Jobs) -> None:
    may_end = asyncio.Event()

    async def copying(_run: AnyRun) -> Move:
        await may_end.wait()
        return done(rows=3)

    job = await jobs.enqueue(Plain())
    waiting = Waiting(url, key, job)
    async with jobs.worker(flow(Plain, copying)), asyncio.TaskGroup() as tasks:
        ended = tasks.create_task(waiting.end())
        await waiting.told("test.plain  running  copying")
        may_end.set()
    assert ended.result() is Ending.SUCCEEDED
    assert waiting.job["state"] == "succeeded"
    assert waiting.job["result"] == {"rows": 3}
    assert "\r" not in waiting.err.getvalue()


async def test_a_failure_is_30_and_says_why(url: str, key: str, jobs: Jobs) -> None:
    waiting = Waiting(url, key, await jobs.enqueue(Plain()))
    async with jobs.worker(flow(Plain, fails)):
        assert await waiting.end() is Ending.FAILED
    assert "failed: VALIDATION_FAILED: There is no such table.\n" in waiting.err.getvalue()
    assert waiting.job["error"]["code"] == "VALIDATION_FAILED"


async def test_a_cancelled_job_is_31(url: str, key: str, jobs: Jobs) -> None:
    waiting = Waiting(url, key, await jobs.cancel(await jobs.enqueue(Plain())))
    assert await waiting.end() is Ending.CANCELLED
    assert waiting.job["state"] == "cancelled"


@pytest.mark.parametrize("timeout_seconds", [0, 0.3, 2.5])
async def test_a_job_that_still_runs_at_the_timeout_is_40(
    url: str, key: str, jobs: Jobs, timeout_seconds: float
) -> None:
    waiting = Waiting(url, key, await jobs.enqueue(Plain()))
    assert await waiting.end(timeout_seconds) is Ending.RUNNING
    assert waiting.job["state"] == "queued"
    assert "is still queued at the timeout" in waiting.err.getvalue()
    assert "no answer" not in waiting.err.getvalue()


async def test_it_survives_restarts_of_the_api(runtime: Runtime, key: str, jobs: Jobs) -> None:
    port = free_port(*PORTS)
    job = await jobs.enqueue(Plain())
    waiting = Waiting(f"http://127.0.0.1:{port}", key, job)
    async with asyncio.TaskGroup() as tasks:
        ended = tasks.create_task(waiting.end())
        await waiting.told("asking again")  # it may be asked before it listens
        async with listening(runtime, port):
            await waiting.told("test.plain  queued")
        await waiting.told("asking again\ntest.plain  queued\npgmanager: no answer")
        async with jobs.worker(flow(Plain)):
            await jobs.until(job, JobState.SUCCEEDED)
        async with listening(runtime, port):
            assert await ended is Ending.SUCCEEDED
    assert waiting.err.getvalue().count("asking again") == 2


@asynccontextmanager
async def answering(head: str, body: str = "") -> AsyncIterator[str]:
    """Something that is not the service and answers everything alike."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("503 Service Unavailable\r\nContent-Type: application/problem+json", '{"code": "UNAVAILABLE"}'),
        ("502 Bad Gateway", "<html>"),
        # What stands before a service answers so while it is deployed anew.
        ("404 Not Found\r\nContent-Type: application/json", '{"message": "Application not found"}'),
        ("200 OK\r\nContent-Type: application/json", "[]"),
    ],
)
async def test_no_answer_of_the_service_until_the_timeout_is_50(key: str, jobs: Jobs, head: str, body: str) -> None:
    job = await jobs.enqueue(Plain())
    async with answering(head, body) as url:
        waiting = Waiting(url, key, job)
        assert await waiting.end(1.5) is Ending.UNREACHABLE
    assert f"no answer from {url} (status {head[:3]}" in waiting.err.getvalue()
    assert waiting.out.getvalue() == ""


async def test_a_port_where_nobody_listens_and_one_without_tls_are_50(url: str, key: str, jobs: Jobs) -> None:
    job = await jobs.enqueue(Plain())
    for address in (f"http://127.0.0.1:{free_port(*PORTS)}", url.replace("http:", "https:")):
        waiting = Waiting(address, key, job)
        assert await waiting.end(1.0) is Ending.UNREACHABLE
        assert waiting.err.getvalue().count(f"no answer from {address} (") == 1


async def test_a_wrong_key_a_missing_scope_and_an_unknown_job_are_refused_at_once(
    url: str, key: str, jobs: Jobs, key_factory: KeyFactory
) -> None:
    job = await jobs.enqueue(Plain())
    unknown = job.model_copy(update={"id": new_id()})
    for with_key, about, reason in (
        (key[:-1] + ("a" if key[-1] != "a" else "b"), job, "401 KEY_INVALID: "),
        (await key_factory(Scope.BACKUPS_READ), job, "403 SCOPE_MISSING: This needs the scope jobs:read"),
        (key, unknown, "404 NOT_FOUND: There is no job"),
    ):
        with pytest.raises(WaitRefused) as refused:
            await Waiting(url, with_key, about).end()
        assert str(refused.value).startswith(reason)
        assert with_key not in str(refused.value)


async def test_an_address_that_redirects_is_refused(key: str, jobs: Jobs) -> None:
    job = await jobs.enqueue(Plain())
    async with answering("301 Moved Permanently\r\nLocation: https://db.example.com/") as url:
        with pytest.raises(WaitRefused, match=r"301: the address redirects to https://db\.example\.com/"):
            await Waiting(url, key, job).end()


async def test_on_a_terminal_one_line_is_rewritten(
    url: str, key: str, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    waiting = Waiting(url, key, await jobs.enqueue(Plain()), terminal=True)
    async with jobs.worker(flow(Plain, fails)):
        assert await waiting.end() is Ending.FAILED
    line, _, last = waiting.err.getvalue().rpartition("\npgmanager: ")
    assert last.startswith("job_")
    assert "\n" not in line
    assert line.split("\r\x1b[2K")[-1] == "test.plain  failed "[:19]


def _without(name: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda env: {key: value for key, value in env.items() if key != name}


@pytest.mark.parametrize(
    ("job_id", "change", "reason"),
    [
        ("db_01jgfjjz00fan8qeycsk6csk6c", dict, "the job is not an id of the form job_"),
        ("", _without("PGM_KEY"), "there is no key: set PGM_KEY"),
        ("", _without("PGM_URL"), "there is no address: give --url, or set PGM_URL"),
        ("", lambda env: env | {"PGM_URL": "ftp://127.0.0.1"}, "the address must be of the form https://host"),
        ("", lambda env: env | {"PGM_URL": "https://user:word@127.0.0.1"}, "the address must be of the form"),
        ("", lambda env: env | {"PGM_KEY": "two\nlines"}, "PGM_KEY has characters that no key has"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    job_id: str, change: Callable[[dict[str, str]], dict[str, str]], reason: str
) -> None:
    env = change({"PGM_URL": "http://127.0.0.1:1", "PGM_KEY": "pgm_x"})
    with pytest.raises(WaitRefused) as refused:
        question(env.get("PGM_URL"), env.get("PGM_KEY"), job_id or encode_id("job", new_id()))
    assert str(refused.value).startswith(reason)
    assert "word" not in str(refused.value)


async def test_the_program_ends_with_the_code_and_needs_no_settings(url: str, key: str, jobs: Jobs) -> None:
    job = await jobs.enqueue(Plain())
    async with jobs.worker(flow(Plain, fails)):
        await jobs.until(job, JobState.FAILED)
    env = {"PATH": os.environ["PATH"], "PGM_URL": url, "PGM_KEY": key}
    failed = await pgmanager_wait(env, encode_id("job", job.id), "--timeout", "60")
    refused = await pgmanager_wait(_without("PGM_KEY")(env), encode_id("job", job.id))
    assert (failed[0], json.loads(failed[1])["state"]) == (30, "failed")
    assert failed[2].endswith("failed: VALIDATION_FAILED: There is no such table.\n")
    assert refused[:2] == (2, "")
    assert refused[2].startswith("pgmanager: there is no key")


async def pgmanager_wait(env: dict[str, str], *arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from app.cli import main; main()", "wait", *arguments),
        env=env,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), LONG)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, out.decode(), err.decode()
