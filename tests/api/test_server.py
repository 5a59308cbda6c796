import asyncio
import os
import signal
from collections.abc import Iterator

import httpx
import pytest
from structlog.testing import capture_logs

from app.api.server import serve_until_stopped
from app.kit.redaction import redact
from app.logging import configure_logging
from app.main import create_app
from app.runtime import Runtime
from app.settings import LogSettings, Settings


async def until_listening(lines: list[dict[str, object]]) -> str:
    for _ in range(6000):
        for line in lines:
            if line["event"] == "server.listening":
                addresses = line["addresses"]
                assert isinstance(addresses, list)
                return f"http://127.0.0.1:{addresses[0].rpartition(':')[2]}"
        await asyncio.sleep(0.01)
    pytest.fail("nothing listened within a minute")


@pytest.fixture(autouse=True)
def informed() -> Iterator[None]:
    configure_logging(LogSettings(level="info"), redact)
    yield
    configure_logging(LogSettings(level="warning"), redact)


@pytest.fixture(params=[None, "127.0.0.1"])
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Listening everywhere, or on one address; on a port that the machine chooses."""
    return settings.model_copy(update={"host": request.param, "port": 0})


async def test_on_sigterm_the_worker_is_told_and_the_api_ends(runtime: Runtime) -> None:
    worked = asyncio.Event()

    async def work(_runtime: Runtime, stop: asyncio.Event) -> None:
        worked.set()
        await stop.wait()

    with capture_logs() as lines:
        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(serve_until_stopped(create_app(runtime), runtime, work))
            url = await until_listening(lines)  # type: ignore[arg-type]  # structlog's mappings are dictionaries
            await worked.wait()
            async with httpx.AsyncClient() as client:
                assert (await client.get(f"{url}/livez")).status_code == 200
            os.kill(os.getpid(), signal.SIGTERM)
            await serving
    assert runtime.stopping.is_set()
    assert any(line["event"] == "process.stopping" for line in lines)


async def test_a_worker_that_fails_ends_the_process(runtime: Runtime) -> None:
    async def work(_runtime: Runtime, _stop: asyncio.Event) -> None:
        raise RuntimeError("broken")

    with pytest.raises(ExceptionGroup) as raised:
        async with asyncio.timeout(30):
            await serve_until_stopped(create_app(runtime), runtime, work)
    assert raised.group_contains(RuntimeError, match="broken")


async def test_the_worker_waits_while_the_database_is_away(runtime: Runtime) -> None:
    away = Settings.model_validate({**dict(runtime.settings), "database_url": "postgresql://nobody@127.0.0.1:1/none"})
    lost = Runtime(**{name: getattr(runtime, name) for name in Runtime.__slots__} | {"settings": away})

    async def work(_runtime: Runtime, _stop: asyncio.Event) -> None:
        pytest.fail("it must not work")

    with capture_logs() as lines:
        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            tasks.create_task(serve_until_stopped(None, lost, work))
            while not any(line["event"] == "database.not_ready" for line in lines):
                await asyncio.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)
    assert lines[-1]["event"] == "process.stopping"
