"""The folder of one server, with the rights that keep its superuser from reaching beyond it.

It belongs to us, and only ``data``, ``sockets``, the log and the TLS key in it to the server's user: who is superuser
in SQL can write files as that user, and must not be able to redirect what we write, perhaps as root.
"""

import asyncio
import fcntl
import os
import secrets
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final

from app.kit.clock import utc_now
from app.postgres import certificates, server_config
from app.postgres.errors import ClusterFailed
from app.postgres.server_user import ServerUser

_POLL_SECONDS: Final = 0.02
_REMOVED: Final = ".removed"


class ClusterFiles:
    def __init__(self, directory: Path, owner: ServerUser | None) -> None:
        self.directory = directory.absolute()
        self.data = self.directory / "data"
        self.sockets = self.directory / "sockets"
        self.log = self.directory / "server.log"
        self.config = self.directory / "server.conf"
        self.hba = self.directory / "hba.conf"
        # There while sessions without TLS are refused.
        self.tls_required = self.directory / "tls-required"
        self.root_certificate = self.directory / "tls" / "root.pem"
        # Certificate and key in one file, so that a crash cannot leave two that do not belong together.
        self.server_identity = self.directory / "tls" / "server.pem"
        # Written last: without it the rest is what a crash left.
        self.made = self.directory / "made"
        self._owner = owner

    @asynccontextmanager
    async def locked(self, timeout_seconds: float) -> AsyncGenerator[None]:
        """One process at a time, by a lock that the kernel frees with its holder. Makes the folder."""
        descriptor = await self._lock(timeout_seconds)
        try:
            yield
        finally:
            os.close(descriptor)

    async def _lock(self, timeout_seconds: float) -> int:
        path = self.directory / "lock"
        while True:
            try:
                self.directory.mkdir(parents=True, exist_ok=True)
                self.directory.chmod(0o711)
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            except FileNotFoundError:  # removed in between
                continue
            try:
                await self._take(descriptor, timeout_seconds)
                # The holder before us may have removed the folder, and a third may lock a new file of that name.
                with suppress(FileNotFoundError):
                    if os.path.samestat(os.fstat(descriptor), path.stat()):
                        return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    async def _take(self, descriptor: int, timeout_seconds: float) -> None:
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if asyncio.get_running_loop().time() > deadline:
                    raise ClusterFailed(f"Another process has been busy with {self.directory} for too long.") from None
                await asyncio.sleep(_POLL_SECONDS)
            else:
                return

    def make_empty(self) -> None:
        for folder in (self.data, self.sockets):
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(mode=0o700)
            self.give(folder)
        self.write(self.log, "", private=True)
        self.give(self.log)

    def write_certificates(self) -> None:
        """Made by the first start of a build with TLS; the server's own is renewed by the start before it expires."""
        folder = self.root_certificate.parent
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)
        root_key = folder / "root.key"
        if not self.root_certificate.exists():
            root = certificates.issue_root(f"root of {self.directory.name}")
            self.write(root_key, root.key_pem.decode(), private=True)
            self.write(self.root_certificate, root.certificate_pem.decode())
            self.server_identity.unlink(missing_ok=True)
        identity = self.server_identity
        if not identity.exists() or certificates.expires_soon(identity.read_bytes(), utc_now()):
            root = certificates.Issued(self.root_certificate.read_bytes(), root_key.read_bytes())
            issued = certificates.issue_server(root)
            self.write(identity, (issued.certificate_pem + issued.key_pem).decode(), private=True)
            self.give(identity)

    def write_hba(self) -> None:
        self.write(self.hba, server_config.HBA_OF_TLS if self.tls_required.exists() else server_config.HBA)

    def remove(self) -> None:
        """Under another name first: who waits for the lock begins with a folder of its own, not in what goes away."""
        if self.directory.exists():
            self.made.unlink(missing_ok=True)
            self.directory.rename(self.directory.with_name(f"{self.directory.name}.{secrets.token_hex(4)}{_REMOVED}"))
        # Those too that a crash has left.
        for folder in self.directory.parent.iterdir() if self.directory.parent.exists() else ():
            if folder.name.startswith(f"{self.directory.name}.") and folder.name.endswith(_REMOVED):
                shutil.rmtree(folder, onerror=_unless_gone)

    def mark_made(self, version: str, *, durable: bool) -> None:
        """After a power cut a lost mark would have the next ``create`` take good data for half made."""
        self.write(self.made, f"{version}\n")
        for path in (self.made, self.directory) if durable else ():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def write(self, path: Path, text: str, *, private: bool = False) -> None:
        """Whole or not at all, as a new file: a crash leaves no half of it."""
        draft = path.with_name(f"{path.name}.new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(text)
        if not private:
            draft.chmod(0o644)
        draft.replace(path)

    def give(self, path: Path) -> None:
        if self._owner:
            os.chown(path, self._owner.uid, self._owner.gid)

    def log_since(self, offset: int) -> list[str]:
        with self.log.open("rb") as file:
            file.seek(offset)
            return file.read(64 * 1024).decode(errors="replace").splitlines()


def _unless_gone(
    _function: object, _path: str, failure: tuple[type[BaseException], BaseException, TracebackType]
) -> None:
    """Another process may remove the same."""
    if not isinstance(failure[1], FileNotFoundError):
        raise failure[1]
