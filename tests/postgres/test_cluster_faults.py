"""What goes wrong with servers, and what is said and left then."""

import asyncio
import os
import signal
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from app.postgres.cluster import Cluster, ClusterStatus
from app.postgres.errors import ClusterFailed, PortTaken
from app.postgres.postmaster import StopMode
from app.postgres.toolchain import Installation, Toolchain
from tests.postgres.clusters import answer, pid_of, until
from tests.postgres.conftest import spec_in
from tests.sessions import connect

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another user")


async def test_a_taken_port_is_named(made: Cluster) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", made.spec.port))
        other.listen()
        with pytest.raises(PortTaken, match=f"Port {made.spec.port} ") as caught:
            await made.start()
    assert caught.value.members["port"] == made.spec.port
    assert made.status() is ClusterStatus.STOPPED


@pytest.mark.parametrize("attached", [True, False])
async def test_a_server_that_does_not_start_shows_the_end_of_its_log(
    made: Cluster, debian: Installation, attached: bool
) -> None:
    broken = Cluster(replace(made.spec, settings={"shared_buffers": "lots"}), debian, attached=attached)
    with pytest.raises(ClusterFailed, match='invalid value for parameter "shared_buffers"'):
        await broken.start()
    await made.start()
    assert await answer(made) == 1


async def test_a_server_that_needs_longer_keeps_running_and_is_waited_for_again(
    made: Cluster, debian: Installation
) -> None:
    await made.start()
    pid_file = made.files.data / "postmaster.pid"
    ready = pid_file.read_text()
    pid_file.write_text(ready.replace("ready", "starting"))
    assert made.status() is ClusterStatus.STARTING
    with pytest.raises(ClusterFailed, match="not ready after 0 s"):
        await Cluster(made.spec, debian, start_timeout_seconds=0).start()
    waiting = asyncio.ensure_future(made.start())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    pid_file.write_text(ready)
    await waiting
    assert await answer(made) == 1


async def test_a_server_that_ends_while_it_starts_is_reported(made: Cluster) -> None:
    await made.start()
    pid_file = made.files.data / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace("ready", "starting"))
    waiting = asyncio.ensure_future(made.start())
    await asyncio.sleep(0.05)
    os.kill(pid_of(made), signal.SIGKILL)
    with pytest.raises(ClusterFailed, match="ended while it started"):
        await waiting


def test_a_folder_whose_name_a_shell_would_read_is_refused(folder: Path, debian: Installation) -> None:
    with pytest.raises(ClusterFailed, match="misread"):
        asyncio.run(Cluster(spec_in(folder, "a$(b)"), debian).create())
    assert list(folder.iterdir()) == []


async def test_a_failing_initdb_says_why_and_leaves_nothing_that_counts(folder: Path, debian: Installation) -> None:
    server = Cluster(replace(spec_in(folder), locale="xx_XX.nonsense"), debian)
    with pytest.raises(ClusterFailed, match="invalid locale name"):
        await server.create()
    assert server.status() is ClusterStatus.ABSENT


async def test_data_of_another_major_is_refused(made: Cluster, toolchain: Toolchain) -> None:
    other = Cluster(made.spec, toolchain.server(18))
    for action in (other.create, other.start):
        with pytest.raises(ClusterFailed, match="is of PostgreSQL 15; a server of 18"):
            await action()


async def test_a_stale_pid_file_never_hits_another_process(made: Cluster) -> None:
    bystander = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        for pid in (bystander.pid, 2**22 + 5):
            (made.files.data / "postmaster.pid").write_text(f"{pid}\n{made.files.data}\n1\n{made.spec.port}\n")
            assert made.status() is ClusterStatus.CRASHED
            await made.stop(StopMode.IMMEDIATE)
        assert bystander.returncode is None
    finally:
        bystander.kill()
        await bystander.wait()


async def test_fast_ends_sessions_that_smart_waits_for(made: Cluster) -> None:
    await made.start()
    async with connect(made.target, application_name="test"):
        stopping = asyncio.ensure_future(made.stop("smart", timeout_seconds=2))
        await until(made, ClusterStatus.STOPPING)
        await stopping  # gave way to fast
    assert made.status() is ClusterStatus.STOPPED


async def test_starting_what_is_just_stopping_ends_up_running(made: Cluster) -> None:
    await made.start()
    async with connect(made.target, application_name="test"):
        os.kill(pid_of(made), signal.SIGTERM)  # smart: waits for the session
        await until(made, ClusterStatus.STOPPING)
        await made.start()
    assert made.status() is ClusterStatus.RUNNING
    assert await answer(made) == 1


async def test_a_server_that_no_signal_stops_is_reported(made: Cluster) -> None:
    await made.start()
    pid = pid_of(made)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(ClusterFailed, match="does not stop"):
            await made.stop(timeout_seconds=0.05)
    finally:
        os.kill(pid, signal.SIGCONT)
