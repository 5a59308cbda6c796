import asyncio
import os
import pwd
import signal
import socket
import stat
import sys
import textwrap
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from pydantic import SecretStr

from app.kit.clock import utc_now
from app.postgres.cluster import Cluster, ClusterSpec, ClusterStatus, free_port
from app.postgres.errors import AuthenticationFailed, ClusterFailed, DataDirectoryUnreachable, PortTaken
from app.postgres.postmaster import Postmaster
from app.postgres.toolchain import Installation, Toolchain
from tests.initdb import INITDB
from tests.postgres.clusters import answer, pid_of, until
from tests.postgres.conftest import PORTS, spec_in
from tests.sessions import connect

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another user")


@pytest.fixture(autouse=True)
def own_initdb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cluster, "_initdb", INITDB)


@pytest.mark.parametrize("major", [15, 16, 18])
async def test_a_server_of_each_major_lives_its_life(toolchain: Toolchain, folder: Path, major: int) -> None:
    server = Cluster(spec_in(folder, "with 'quote and space"), toolchain.server(major))
    assert server.status() is ClusterStatus.ABSENT
    assert server.ca_pem() is None
    try:
        await server.create()
        assert server.status() is ClusterStatus.STOPPED
        await server.start()
        assert server.status() is ClusterStatus.RUNNING
        assert str(await answer(server, "SHOW server_version")).startswith(str(major))
        first = pid_of(server)
        await server.restart()
        assert server.status() is ClusterStatus.RUNNING
        assert pid_of(server) != first
        await server.stop()
        assert server.status() is ClusterStatus.STOPPED
    finally:
        await server.destroy()
    assert server.status() is ClusterStatus.ABSENT
    assert list(folder.iterdir()) == []


async def test_a_build_with_contrib_and_tls_uses_both(cluster: Cluster) -> None:
    assert await answer(cluster, "SHOW shared_preload_libraries") == "pg_stat_statements"
    assert await answer(cluster, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") is True
    assert await answer(cluster, "SHOW data_checksums") == "on"


async def test_the_server_listens_on_loopback_only_and_wants_a_password(cluster: Cluster) -> None:
    assert await answer(cluster, "SHOW listen_addresses") == "127.0.0.1"
    methods = "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"
    assert await answer(cluster, methods) == "scram-sha-256"
    assert str(await answer(cluster, "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'"))[:6] == "SCRAM-"
    with pytest.raises(AuthenticationFailed):
        async with connect(replace(cluster.target, password=SecretStr("")), application_name="test"):
            pass


async def test_settings_encoding_and_locale_are_the_specs(folder: Path, debian: Installation) -> None:
    spec = replace(spec_in(folder), settings={"work_mem": "7MB"}, encoding="LATIN1", locale="C", superuser="the boss")
    server = Cluster(spec, debian, attached=True)
    try:
        await server.create()
        await server.start()
        names = "current_setting('work_mem'), current_setting('server_encoding'), current_setting('lc_collate')"
        expected = "7MB LATIN1 C the boss" if debian.major < 16 else "7MB LATIN1 the boss"
        if debian.major >= 16:
            names = names.rpartition(",")[0]
        assert await answer(server, f"SELECT concat_ws(' ', {names}, current_user)") == expected
    finally:
        await server.destroy()


@as_root
async def test_as_root_the_server_runs_as_another_user_who_cannot_reach_our_files(cluster: Cluster) -> None:
    postgres = pwd.getpwnam("postgres")
    assert Path(f"/proc/{pid_of(cluster)}").stat().st_uid == postgres.pw_uid
    ours = [cluster.files.directory, cluster.files.config, cluster.files.hba, cluster.files.made]
    assert {path.stat().st_uid for path in ours} == {0}
    assert not any(path.stat().st_mode & stat.S_IWOTH for path in ours)
    key = cluster.files.root_certificate.with_name("root.key").stat()
    assert (key.st_uid, stat.S_IMODE(key.st_mode)) == (0, 0o600)
    identity = cluster.files.server_identity.stat()
    assert (identity.st_uid, stat.S_IMODE(identity.st_mode)) == (postgres.pw_uid, 0o600)


async def test_creating_twice_keeps_the_data(made: Cluster) -> None:
    await made.start()
    await answer(made, "SELECT lo_create(4242)")
    await made.create()
    await made.start()
    assert await answer(made, "SELECT count(*) FROM pg_largeobject_metadata") == 1


async def test_a_half_made_directory_is_made_anew(folder: Path, debian: Installation) -> None:
    server = Cluster(spec_in(folder), debian, attached=True)
    server.files.data.mkdir(parents=True)
    (server.files.data / "half").write_text("left by a crash")
    assert server.status() is ClusterStatus.ABSENT
    try:
        await server.create()
        await server.start()
        assert await answer(server) == 1
        assert not (server.files.data / "half").exists()
    finally:
        await server.destroy()


async def test_a_durable_server_is_made_and_started(folder: Path, toolchain: Toolchain) -> None:
    server = Cluster(replace(spec_in(folder), fsync=True), toolchain.server(16), attached=True)
    try:
        await server.create()
        await server.start()
        assert await answer(server, "SHOW fsync") == "on"
    finally:
        await server.destroy()


async def test_two_who_create_and_start_at_once_get_one_server(folder: Path, debian: Installation) -> None:
    spec = spec_in(folder)
    servers = [Cluster(spec, debian, attached=True) for _ in range(3)]

    async def up(server: Cluster) -> None:
        await server.create()
        await server.start()

    try:
        await asyncio.gather(*map(up, servers))
        assert {server.status() for server in servers} == {ClusterStatus.RUNNING}
        assert len({pid_of(server) for server in servers}) == 1
    finally:
        await asyncio.gather(*(server.destroy() for server in servers))
    assert list(folder.iterdir()) == []


async def test_a_lock_that_is_held_for_too_long_is_reported(made: Cluster) -> None:
    async with made.files.locked(1):
        with pytest.raises(ClusterFailed, match="has been busy"):
            async with made.files.locked(0.1):
                pass


async def test_starting_what_was_never_made_is_refused(folder: Path, debian: Installation) -> None:
    server = Cluster(spec_in(folder), debian)
    with pytest.raises(ClusterFailed, match="has to be created first"):
        await server.start()
    await server.stop()
    await server.destroy()
    assert list(folder.iterdir()) == []


async def test_a_killed_server_is_seen_as_crashed_and_recovers(made: Cluster) -> None:
    await made.start()
    os.kill(pid_of(made), signal.SIGKILL)
    await until(made, ClusterStatus.CRASHED)
    await made.start()
    assert await answer(made) == 1


async def test_a_detached_server_survives_its_starter_and_is_found_by_others(
    folder: Path, debian: Installation
) -> None:
    spec = spec_in(folder)
    script = textwrap.dedent("""
        import asyncio, os, signal, sys
        from pathlib import Path
        from pydantic import SecretStr
        from app.postgres.cluster import Cluster, ClusterSpec
        from app.postgres.toolchain import Ability, Installation

        directory, port, password, bin_dir, major, attached = sys.argv[1:]
        installation = Installation(Path(bin_dir), int(major), major, frozenset(Ability) if attached else frozenset())

        async def main():
            server = Cluster(
                ClusterSpec(Path(directory), int(port), "postgres", SecretStr(password), fsync=False),
                installation,
                attached=bool(attached),
            )
            await server.create()
            await server.start()
            print("up", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
    """)

    async def start_and_die(attached: str) -> None:
        starter = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script,
            str(spec.directory), str(spec.port), spec.password.get_secret_value(),
            str(debian.bin_dir), str(debian.major), attached,
            env={"PYTHONPATH": str(Path.cwd())},
        )  # fmt: skip
        assert await asyncio.wait_for(starter.wait(), 120) == -signal.SIGKILL

    server = Cluster(spec, debian)
    try:
        await start_and_die("")
        assert server.status() is ClusterStatus.RUNNING
        await server.stop()
        await start_and_die("attached")
        await until(server, ClusterStatus.STOPPED)  # it got a SIGQUIT and still cleaned up
    finally:
        await server.destroy()


async def test_the_certificate_is_renewed_before_it_expires_under_the_same_root(made: Cluster) -> None:
    root, before = made.ca_pem(), made.files.server_identity.read_bytes()
    await made.start()
    assert made.files.server_identity.read_bytes() == before
    await made.stop()
    with time_machine.travel(utc_now() + timedelta(days=720), tick=True):
        made.files.write_certificates()
    assert made.files.server_identity.read_bytes() != before
    assert made.ca_pem() == root


async def test_a_build_without_tls_is_reached_unencrypted(folder: Path, toolchain: Toolchain) -> None:
    server = Cluster(spec_in(folder), toolchain.server(18), attached=True)
    try:
        await server.create()
        await server.start()
        assert server.ca_pem() is None
        assert await answer(server, "SHOW ssl") == "off"
    finally:
        await server.destroy()


@as_root
async def test_a_folder_that_the_servers_user_cannot_enter_is_named(folder: Path, debian: Installation) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DataDirectoryUnreachable, match=f"cannot enter {closed}, ") as caught:
        await Cluster(spec_in(closed / "deeper"), debian).create()
    assert caught.value.members == {"folder": str(closed), "user": "postgres"}


def test_a_free_port_is_one_that_nothing_listens_on() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"from {port} to {port}"):
            free_port(port, port)
    low, high = PORTS
    assert low <= free_port(low, high) <= high


async def test_making_and_starting_takes_seconds(folder: Path, toolchain: Toolchain) -> None:
    server = Cluster(spec_in(folder), toolchain.server(15), attached=True)
    started = time.monotonic()
    try:
        await server.create()
        await server.start()
        assert time.monotonic() - started < 60
    finally:
        await server.destroy()


async def test_a_cancelled_start_is_picked_up_by_the_next(made: Cluster) -> None:
    starting = asyncio.ensure_future(made.start())
    async with asyncio.timeout(60):
        while Postmaster.of(made.files.data) is None:
            await asyncio.sleep(0)
    starting.cancel()
    await asyncio.wait([starting])
    await made.start()
    assert await answer(made) == 1


def test_a_spec_is_durable_unless_told_otherwise_and_hides_its_password(folder: Path) -> None:
    spec = ClusterSpec(folder, 1, "postgres", SecretStr("geheim"))
    assert (spec.fsync, spec.encoding, spec.locale) == (True, "UTF8", "C.UTF-8")
    assert "geheim" not in repr(spec)
