"""The copy in one location: whether its objects are there and open (V0), and whether every byte decodes (V1)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from app.errors import Problem
from app.locations.archives import CopyDamaged, open_archive, open_object
from app.locations.holdings import Encryption, VerificationLevel
from app.locations.manifest import Manifest, ObjectKind, StoredObject, manifest_key
from app.locations.models import Location
from app.locations.ranges import archive_header, archive_ranges
from app.postgres.decoding import decode_archive
from app.postgres.errors import ToolMissing
from app.postgres.restore import RestoreFailed, RestoreInterrupted, Telling
from app.runtime import Runtime
from app.storage.errors import ObjectMissing, ObjectTooLarge, ObjectTruncated
from app.storage.store import ObjectStore
from app.verifications.errors import BackupBad, Unverifiable
from app.verifications.schemas import CopyCheck, CopyResult
from app.verifications.subject import Subject, VerifyRun, run_as, store_of

# What the copy itself is to blame for. Anything else is its location's doing, or this machine's.
OF_THE_COPY: Final = (CopyDamaged, ObjectMissing, ObjectTooLarge, ObjectTruncated)
_MANIFEST_BYTES: Final = 256 * 1024 * 1024
_LAST_BYTES: Final = 1024


async def checked_copy(runtime: Runtime, run: VerifyRun, subject: Subject, location: Location) -> CopyCheck:
    """Raises what does not tell of the copy: that of its store, BackupBad, and Unverifiable."""
    began = runtime.clock()
    reading = _Reading(runtime, run, subject, await store_of(location, runtime))
    problem: Problem | None = None
    try:
        await reading.manifest()
        await reading.sizes()
        if run.args.level is VerificationLevel.V0:
            await reading.ends()
        else:
            await reading.everything()
    except OF_THE_COPY as found:
        problem = found
    return CopyCheck(
        location_id=location.id,
        result=CopyResult.PASSED if problem is None else CopyResult.DAMAGED,
        problem=None if problem is None else problem.document(),
        bytes_read=reading.bytes_read,
        seconds=(runtime.clock() - began).total_seconds(),
    )


@dataclass(slots=True)
class _Reading:
    runtime: Runtime
    run: VerifyRun
    subject: Subject
    store: ObjectStore
    bytes_read: int = 0

    async def manifest(self) -> None:
        key = manifest_key(self.subject.backup)
        content = await self.store.get(key, limit_bytes=_MANIFEST_BYTES)
        self.bytes_read += len(content)
        try:
            stored = Manifest.model_validate_json(content)
        except ValidationError:
            raise CopyDamaged(f"The object {key} is no manifest any more.", key=key) from None
        if stored != self.subject.manifest:
            raise CopyDamaged(f"The object {key} is not the manifest that was written with the backup.", key=key)

    async def sizes(self) -> None:
        for wanted in self.subject.manifest.objects:
            found = await self.store.head(wanted.key)
            if found is None:
                raise CopyDamaged(f"The object {wanted.key} is gone.", key=wanted.key)
            if found.size_bytes != wanted.size_bytes:
                raise CopyDamaged(
                    f"The object {wanted.key} has {found.size_bytes} bytes; written were {wanted.size_bytes}.",
                    key=wanted.key,
                )

    async def ends(self) -> None:
        """The first and the last bytes of the archive, and small objects as a whole."""
        manifest, identities = self.subject.manifest, self.subject.identities
        header = await archive_header(self.store, manifest, identities)
        stored = manifest.archive_object
        self.bytes_read += len(header)
        ranges = await archive_ranges(self.store, manifest, identities)
        if ranges is not None and stored.encryption is Encryption.AGE:
            size = stored.plain_size_bytes
            chunks = ranges.read(max(0, size - _LAST_BYTES), size)
        else:
            chunks = self.store.read(stored.key, start=max(0, stored.size_bytes - _LAST_BYTES))
        await self._read(chunks)
        for small in self._others():
            await self._read(open_object(self.store, small, identities))

    async def everything(self) -> None:
        for other in self._others():
            await self._read(open_object(self.store, other, self.subject.identities))
        manifest, before = self.subject.manifest, self.bytes_read
        self.run.report(bytes_total=before + manifest.archive_object.plain_size_bytes)

        def count(read: int) -> None:
            self.bytes_read = before + read
            self.run.report(bytes_done=self.bytes_read)

        telling = Telling(bytes_read=count, doing=lambda _: None, copying=lambda *_: None)
        try:
            # Of the client's own major, and not older than that: any such pg_restore can decode it.
            client = self.runtime.toolchain.client_for_restore(
                manifest.versions.client_major, manifest.versions.client_major, manifest.compression.algorithm
            )
            async with (
                self.run.moving(),
                aclosing(open_archive(self.store, manifest, self.subject.identities)) as archive,
            ):
                await decode_archive(archive, client, run_as=run_as(self.runtime, client), telling=telling)
        except RestoreInterrupted:
            raise
        except ToolMissing as missing:
            raise Unverifiable(missing.detail, missing=[missing.members["package"]]) from missing
        except RestoreFailed as failure:
            raise BackupBad(
                f"Every byte is as it was written, and yet it cannot be decoded. {failure.detail}"
            ) from failure

    def _others(self) -> list[StoredObject]:
        return [stored for stored in self.subject.manifest.objects if stored.kind is not ObjectKind.ARCHIVE]

    async def _read(self, stream: AsyncGenerator[bytes]) -> None:
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                self.bytes_read += len(chunk)
                self.run.report(bytes_done=self.bytes_read)
