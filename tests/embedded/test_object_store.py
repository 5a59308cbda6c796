import asyncio
import json
import os
import socket
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.embedded import object_store
from app.embedded.errors import ComponentFailed, ComponentMissing
from app.embedded.object_store import ObjectStoreServer, find_program
from app.storage.s3 import S3Stores
from tests.object_store import BUCKET, HASTY

SECRET = SecretStr("a secret of this test")


def leftovers(ports: dict[str, int]) -> list[Path]:
    paths = [path for role, port in ports.items() for path in object_store._socket_paths(role, port)]
    return [path for path in paths if path.exists()]


def listening_addresses(pid: int) -> list[str]:
    links = [os.fspath(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:")}
    rows = [
        line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    return [row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[9] in inodes]


async def test_it_serves_what_it_was_given_before_and_leaves_no_process(tmp_path: Path) -> None:
    addresses = []
    for start in ("first", "second"):
        async with ObjectStoreServer.started(tmp_path, access_key="me", secret_key=SECRET, buckets=[BUCKET]) as server:
            addresses.append(server.endpoint_url)
            async with S3Stores(allow_insecure=True, allow_private=True, patience=HASTY) as stores:
                store = await stores.open(server.location(BUCKET))
                if start == "first":
                    await store.put("kept", b"content")
                assert await store.get("kept") == b"content"
                assert [found.key async for found in store.list()] == ["kept"]
            command = Path(f"/proc/{server.pid}/cmdline").read_text()
            environment = Path(f"/proc/{server.pid}/environ").read_text()
            assert SECRET.get_secret_value() not in command + environment + repr(server)
            assert listening_addresses(server.pid) == ["0100007F"] * 8  # 127.0.0.1
        assert not Path(f"/proc/{server.pid}").exists()
    assert addresses[0] == addresses[1]
    ports = json.loads((tmp_path / "ports.json").read_text())
    assert leftovers(ports) == []
    assert stat.S_IMODE((tmp_path / "credentials.json").stat().st_mode) == 0o600
    assert list((tmp_path / "log").iterdir())


def test_ports_that_are_taken_are_passed_over(tmp_path: Path) -> None:
    ports = object_store._choose_ports(tmp_path)
    assert len(set(ports.values())) == 4
    assert object_store._choose_ports(tmp_path) == ports
    with socket.create_server(("127.0.0.1", ports["s3"] + object_store.GRPC_OFFSET)):
        others = object_store._choose_ports(tmp_path)
        assert others["s3"] != ports["s3"]
    assert object_store._choose_ports(tmp_path) == others


def test_ports_with_a_socket_of_somebody_else_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "_remove_sockets", lambda ports: None)  # as it were for another user's
    ports = object_store._choose_ports(tmp_path)
    (path, _) = object_store._socket_paths("s3", ports["s3"])
    path.touch()
    try:
        assert object_store._choose_ports(tmp_path)["s3"] != ports["s3"]
    finally:
        path.unlink()


async def test_a_start_on_ports_that_were_just_taken_is_tried_again_on_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose = object_store._choose_ports
    taken = choose(tmp_path)
    choices = iter([taken])
    monkeypatch.setattr(object_store, "_choose_ports", lambda directory: next(choices, None) or choose(directory))
    with socket.create_server(("127.0.0.1", taken["master"])):
        async with ObjectStoreServer.started(tmp_path, access_key="me", secret_key=SECRET, buckets=[BUCKET]) as server:
            assert server.endpoint_url != f"http://127.0.0.1:{taken['s3']}"
    assert leftovers(taken) == []


async def test_a_server_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "weed"
    program.write_text("#!/bin/sh\necho no disk >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(object_store, "find_program", lambda: str(program))
    with pytest.raises(ComponentFailed, match=r"code 3.*no disk"):
        await enter(tmp_path)


async def test_a_server_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "weed"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(object_store, "find_program", lambda: str(program))
    monkeypatch.setattr(object_store, "START_SECONDS", 0.3)
    with pytest.raises(ComponentFailed, match="did not answer"):
        await enter(tmp_path)


def test_without_the_program_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Path(find_program()).name == "weed"
    monkeypatch.setattr(object_store, "_DISTRIBUTION", "no-such-distribution")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ComponentMissing, match=r"\[embedded\]"):
        find_program()


def test_a_program_on_the_path_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "_DISTRIBUTION", "no-such-distribution")
    program = tmp_path / "weed"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program() == str(program)


async def enter(directory: Path) -> None:
    async with ObjectStoreServer.started(directory, access_key="me", secret_key=SECRET, buckets=[BUCKET]):
        await asyncio.sleep(0)
