"""The image of Railway's pooler: a real PgBouncer for each container, told everything by its variables.

    bouncers = Bouncers(directory)
    await bouncers.start(name, variables)      # takes connections, or MachineFailed with its log
    bouncers.port(name)                        # on 127.0.0.1; None while none runs
    await bouncers.stop(name)                  # killed, as a container is

It takes every logical database, asks the server for logins as the user of the variables, and takes plain and encrypted
connections with a certificate of its own making.
"""

import asyncio
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from shutil import rmtree
from typing import Final

from app.connections.poolers import PREPARED_SINCE, version_of
from app.postgres import certificates
from app.postgres.cluster import free_port
from app.postgres.pgbouncer import PgBouncerProgram
from app.postgres.process import ChildProcess
from app.postgres.server_user import server_user
from tests.railway_simulator.machines import MachineFailed
from tests.railway_simulator.private_network import VARIABLE

IMAGE: Final = "ghcr.io/railwayapp-templates/pgbouncer"
UPSTREAM: Final = "UPSTREAM_POSTGRESQL_HOST"
_PORTS: Final = (22000, 22999)
_SECONDS: Final = 30.0
_STARTS: Final = 5  # another process may take a port between our look and the start
_PLACE: Final = VARIABLE.decode().removesuffix("=")
# Those that the image writes into its configuration if they are set.
_SETTINGS: Final = (
    "POOL_MODE",
    "MAX_CLIENT_CONN",
    "DEFAULT_POOL_SIZE",
    "QUERY_WAIT_TIMEOUT",
    "SERVER_IDLE_TIMEOUT",
    "SERVER_LIFETIME",
    "SERVER_LOGIN_RETRY",
    "CLIENT_IDLE_TIMEOUT",
    "IDLE_TRANSACTION_TIMEOUT",
)


class Bouncers:
    def __init__(self, directory: Path) -> None:
        """``directory`` must be one that the servers' user can enter."""
        self._folder = directory
        self._user = server_user()
        self._ports: dict[str, int] = {}
        self._running: dict[str, AsyncExitStack] = {}

    def port(self, name: str) -> int | None:
        return self._ports.get(name)

    async def start(self, name: str, variables: Mapping[str, str]) -> None:
        if not variables.get(UPSTREAM):
            raise MachineFailed(f"Setup error: {UPSTREAM} must be set")
        program = PgBouncerProgram.found(None)
        version = version_of(await program.version()) or ()
        for starts_left in reversed(range(_STARTS)):
            port = free_port(*_PORTS)
            try:
                await self._start(name, program, self._written(name, variables, port, version), port, variables[_PLACE])
                break
            except MachineFailed:
                if not starts_left:
                    raise

    async def _start(self, name: str, program: PgBouncerProgram, config: Path, port: int, place: str) -> None:
        stack = AsyncExitStack()
        child = await stack.enter_async_context(
            ChildProcess.started(
                [*program.command, str(config)],
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", _PLACE: place},
                run_as=(self._user.uid, self._user.gid) if self._user else None,
                term_grace_seconds=0,
            )
        )
        self._running[name] = stack
        try:
            await _listening(port, child)
        except BaseException:
            await self.stop(name)
            raise
        self._ports[name] = port

    async def stop(self, name: str) -> None:
        self._ports.pop(name, None)
        if (stack := self._running.pop(name, None)) is not None:
            await stack.aclose()
            await asyncio.to_thread(rmtree, self._folder / name, ignore_errors=True)

    async def end(self) -> None:
        for name in list(self._running):
            await self.stop(name)

    def _written(self, name: str, variables: Mapping[str, str], port: int, version: tuple[int, ...]) -> Path:
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        identity = certificates.issue_server(certificates.issue_root("pgbouncer"))
        user = variables.get("PGUSER") or "postgres"
        logins = f'"{user}" "{variables.get("PGPASSWORD", "").replace(chr(34), chr(34) * 2)}"\n'
        files = {
            "userlist.txt": logins.encode(),
            "server.key": identity.key_pem,
            "server.crt": identity.certificate_pem,
        }
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(port),
            "unix_socket_dir": "",
            "auth_file": str(folder / "userlist.txt"),
            "auth_type": "scram-sha-256",
            "admin_users": variables.get("ADMIN_USERS") or "postgres",
            "ignore_startup_parameters": "extra_float_digits",
            "client_tls_sslmode": "allow",
            "client_tls_key_file": str(folder / "server.key"),
            "client_tls_cert_file": str(folder / "server.crt"),
            **{name.lower(): variables[name] for name in _SETTINGS if variables.get(name)},
        }
        if version >= PREPARED_SINCE and variables.get("MAX_PREPARED_STATEMENTS"):
            settings["max_prepared_statements"] = variables["MAX_PREPARED_STATEMENTS"]
        upstream = f"* = host={variables[UPSTREAM]} port=5432 auth_user={user}"
        lines = ["[databases]", upstream, "[pgbouncer]", *(f"{key} = {value}" for key, value in settings.items())]
        files["pgbouncer.ini"] = "\n".join([*lines, ""]).encode()
        for file, content in files.items():
            path = folder / file
            path.touch(mode=0o600)
            path.write_bytes(content)
            if self._user:
                os.chown(path, self._user.uid, self._user.gid)
        return folder / "pgbouncer.ini"


async def _listening(port: int, child: ChildProcess) -> None:
    deadline = asyncio.get_running_loop().time() + _SECONDS
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if child.returncode is not None or asyncio.get_running_loop().time() > deadline:
                raise MachineFailed(" | ".join(child.stderr_lines[-5:]) or "PgBouncer did not start") from None
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
