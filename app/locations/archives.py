"""Backups as restores meet them: found by id, and read from whichever location still has a good copy."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import Unprocessable
from app.kit.age import AgeDecryptor, AgeError, Identity, WrongKey
from app.locations.holdings import Backup, BackupCopy, BackupManifest, BackupState, CopyState, Encryption
from app.locations.manifest import Manifest, StoredObject
from app.locations.models import Location, LocationState
from app.storage.store import ObjectStore

RESTORABLE = frozenset({BackupState.AVAILABLE, BackupState.PARTIAL})


class CopyDamaged(Unprocessable):
    """The object is not what the manifest says was written."""

    code, title = "COPY_DAMAGED", "The copy of the backup is damaged"


class IdentityMissing(Unprocessable):
    """The installation that wrote the object had another key pair, and it was not brought along."""

    code, title = "IDENTITY_MISSING", "No key at hand opens the backup"


@dataclass(frozen=True, slots=True)
class Archives:
    session: AsyncSession

    async def get(self, backup_id: UUID, projects: frozenset[UUID] | None, *, hold: bool = False) -> Backup | None:
        """``projects``: those the caller may see, None for all.

        ``hold`` keeps it from being deleted until the transaction ends: for whoever starts a job that reads it.
        """
        query = select(Backup).where(Backup.id == backup_id, Backup.state != BackupState.DELETED)
        if projects is not None:
            query = query.where(col(Backup.project_id).in_(projects))
        if hold:
            query = query.with_for_update(read=True).execution_options(populate_existing=True)
        return (await self.session.exec(query)).one_or_none()

    async def manifest(self, backup_id: UUID) -> Manifest:
        row = await self.session.get_one(BackupManifest, backup_id)
        return Manifest.model_validate(row.manifest)

    async def locations(self, backup_id: UUID) -> Sequence[Location]:
        """Where good copies are, the one that was written first before the others."""
        query = (
            select(Location)
            .join(BackupCopy, col(BackupCopy.location_id) == Location.id)
            .where(
                BackupCopy.backup_id == backup_id,
                BackupCopy.state == CopyState.AVAILABLE,
                Location.state != LocationState.DELETED,
            )
            .order_by(col(BackupCopy.is_primary).desc(), col(Location.id))
        )
        return (await self.session.exec(query)).all()


def open_archive(store: ObjectStore, manifest: Manifest, identities: Sequence[Identity]) -> AsyncGenerator[bytes]:
    """The archive as pg_dump wrote it. Close it (``contextlib.aclosing``) when leaving early.

    Only when it ends by itself was everything read and found right. Raises CopyDamaged, IdentityMissing.
    """
    return open_object(store, manifest.archive_object, identities)


async def open_object(
    store: ObjectStore, stored: StoredObject, identities: Sequence[Identity]
) -> AsyncGenerator[bytes]:
    """The plain bytes of one object, size and digests compared at the end. Raises CopyDamaged, IdentityMissing."""
    opened = _Opened(stored, identities)
    async with aclosing(store.read(stored.key)) as chunks:
        async for chunk in chunks:
            # Hashing and decrypting a megabyte takes milliseconds, which others on this loop need not wait for.
            if plain := await asyncio.to_thread(opened.take, chunk):
                yield plain
    if rest := opened.finish():
        yield rest
    opened.compare()


class _Opened:
    def __init__(self, stored: StoredObject, identities: Sequence[Identity]) -> None:
        self._object = stored
        self._decryptor = AgeDecryptor(identities) if stored.encryption is Encryption.AGE else None
        self._stored, self._plain = hashlib.sha256(), hashlib.sha256()
        self._stored_bytes = self._plain_bytes = 0

    def take(self, chunk: bytes) -> bytes:
        self._stored.update(chunk)
        self._stored_bytes += len(chunk)
        return self._passed(lambda: self._decryptor.update(chunk) if self._decryptor else chunk)

    def finish(self) -> bytes:
        return self._passed(lambda: self._decryptor.finish() if self._decryptor else b"")

    def compare(self) -> None:
        wanted, digest = self._object, self._stored.hexdigest()
        if (self._stored_bytes, digest) != (wanted.size_bytes, wanted.sha256):
            raise self._damaged(
                f"It has {self._stored_bytes} bytes with the digest {digest}; written were {wanted.size_bytes} with "
                f"{wanted.sha256}."
            )
        if (self._plain_bytes, self._plain.hexdigest()) != (wanted.plain_size_bytes, wanted.plain_sha256):
            raise self._damaged("Decrypted it is not what was encrypted.")

    def _passed(self, open_next: Callable[[], bytes]) -> bytes:
        try:
            plain = open_next()
        except WrongKey as error:
            raise IdentityMissing(f"{error} It is the object {self._object.key}.", key=self._object.key) from None
        except AgeError as error:
            raise self._damaged(str(error)) from None
        self._plain_bytes += len(plain)
        self._plain.update(plain)
        return plain

    def _damaged(self, reason: str) -> CopyDamaged:
        return CopyDamaged(
            f"The object {self._object.key} is not what was written. {reason} Restore from another copy, and take a new "
            "backup.",
            key=self._object.key,
        )
