"""One bucket and prefix as an object store, and what its answers mean."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractContextManager, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from app.kit.clock import utc_now
from app.storage.body import watched
from app.storage.download import attachment
from app.storage.errors import (
    AccessDenied,
    ObjectExists,
    ObjectMissing,
    ObjectRetained,
    ObjectTooLarge,
    Place,
    RequestRefused,
    StoreFailed,
    problem_of_answer,
)
from app.storage.finishing import finished
from app.storage.limits import UNLIMITED, Limits
from app.storage.pump import pumped
from app.storage.reader import Answer, resumed
from app.storage.retries import Patience
from app.storage.s3.parts import PartsOfObject, in_base64, translated
from app.storage.s3.presigned import UploadByOthers
from app.storage.s3.writing import WriteOptions
from app.storage.store import (
    MAX_PARTS,
    PRESIGNED_SECONDS,
    SMALL_OBJECT_BYTES,
    Buffer,
    Features,
    Hold,
    ObjectInfo,
    ObjectVersion,
    OpenUpload,
    Upload,
)

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

PUT_GRACE_SECONDS: Final = 2.0
LONGEST_PRESIGNED_SECONDS: Final = int(timedelta(days=7).total_seconds())  # of SigV4
_PAGE: Final = 1000

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Manner:
    """What is particular to one bucket. ``keeps_versions``: a plain deletion there would only hide an object."""

    max_parts: int = MAX_PARTS
    keeps_versions: bool = False
    writing: WriteOptions = field(default_factory=WriteOptions)


class S3Store:
    """An ObjectStore over one bucket and prefix."""

    def __init__(
        self,
        client: "S3Client",
        bucket: Place,
        *,
        prefix: str,
        patience: Patience,
        manner: Manner | None = None,
        limits: Limits = UNLIMITED,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._root = f"{prefix}/" if prefix else ""
        self._patience = patience
        self._manner = manner or Manner()
        self._limits = limits

    def __repr__(self) -> str:
        return f"<S3Store {self._bucket}, prefix {self._root!r}>"

    async def put(self, key: str, body: Buffer, *, if_absent: bool = False) -> None:
        content = bytes(body)
        target = self._object(key) | {"ChecksumSHA256": in_base64(hashlib.sha256(content).digest())}
        target |= self._manner.writing.parameters(utc_now())
        if if_absent:
            target["IfNoneMatch"] = "*"
        is_repeated = False

        async def put() -> None:
            nonlocal is_repeated
            try:
                with self._translated(key, writing=True):
                    async with watched(content, self._patience.stall_seconds, self._limits) as sent:
                        await self._client.put_object(**target, Body=sent)
            except ObjectExists:
                # The first call may have done it, and only its answer was lost.
                if not is_repeated or not await self._holds(key, content):
                    raise
            finally:
                is_repeated = True

        # Cut short by a cancel it might still be done by the store, after the traces were removed.
        await finished(self._patience.calls.run(put, call="put", key=key), grace_seconds=PUT_GRACE_SECONDS)

    @asynccontextmanager
    async def multipart(
        self, key: str, *, part_bytes: int, in_flight: int = 4, max_parts: int | None = None
    ) -> AsyncGenerator[Upload]:
        async with pumped(
            self._parts(key),
            key,
            part_bytes=part_bytes,
            in_flight=in_flight,
            max_parts=max_parts or self._manner.max_parts,
            patience=self._patience,
        ) as upload:
            yield upload

    def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        return resumed(partial(self._open_range, key), start=start, end=end, retries=self._patience.parts)

    async def get(self, key: str, *, limit_bytes: int = SMALL_OBJECT_BYTES) -> bytes:
        content = bytearray()
        async with aclosing(self.read(key)) as chunks:
            async for chunk in chunks:
                content += chunk
                if len(content) > limit_bytes:
                    place = self._place(key)
                    detail = f"The object has more than the expected {limit_bytes} bytes: {place}."
                    raise ObjectTooLarge(detail, **place.members())
        return bytes(content)

    async def head(self, key: str) -> ObjectInfo | None:
        try:
            found = await self._call(key, partial(self._client.head_object, **self._object(key)))
        except ObjectMissing:
            # The answer has no body, so a missing bucket looks the same. Who may not ask for it gets None.
            with suppress(AccessDenied):
                try:
                    await self._call(None, partial(self._client.head_bucket, Bucket=self._bucket.bucket))
                except ObjectMissing:
                    raise problem_of_answer("NoSuchBucket", 404, self._bucket, writing=False) from None
            return None
        encryption = found.get("ServerSideEncryption")
        return ObjectInfo(key, found["ContentLength"], found["ETag"], found["LastModified"], encryption)

    async def delete(self, key: str) -> None:
        if not self._manner.keeps_versions:
            answer: dict[str, Any] = {}
            with suppress(ObjectMissing):
                answer = {**await self._call(key, partial(self._client.delete_object, **self._object(key)))}
            if not answer.get("DeleteMarker"):
                return
            # It began to keep versions after it was tried out, or nobody could tell then.
        for version in [found async for found in self._all_versions(key) if found.key == key]:
            await self.remove(version)

    async def versions(self, prefix: str = "") -> AsyncGenerator[ObjectVersion]:
        if self._manner.keeps_versions:
            async for version in self._all_versions(prefix):
                yield version
        else:
            async for found in self.list(prefix):
                yield ObjectVersion(found.key)

    async def remove(self, version: ObjectVersion) -> None:
        named = self._version(version)
        try:
            with suppress(ObjectMissing):
                await self._call(version.key, partial(self._client.delete_object, **named))
        except AccessDenied:
            # The same answer whether the key lacks the right or the object is locked.
            if (hold := await self.hold_of(version)) is None:
                raise
            place = self._place(version.key)
            raise ObjectRetained(place, hold.until) from None

    async def hold_of(self, version: ObjectVersion) -> Hold | None:
        if version.is_marker:
            return None
        try:
            answer = await self._call(version.key, partial(self._client.head_object, **self._version(version)))
        except ObjectMissing:
            return None
        found: dict[str, Any] = {**answer}  # stores leave out what does not apply
        if found.get("ObjectLockLegalHoldStatus") == "ON":
            return Hold("LEGAL_HOLD", None)
        until = found.get("ObjectLockRetainUntilDate")
        return None if until is None or until <= utc_now() else Hold(found.get("ObjectLockMode", ""), until)

    async def list(self, prefix: str = "") -> AsyncGenerator[ObjectInfo]:
        request: dict[str, Any] = {"Bucket": self._bucket.bucket, "Prefix": self._root + prefix, "MaxKeys": _PAGE}
        while True:
            page = await self._call(None, partial(self._client.list_objects_v2, **request))
            for found in page.get("Contents", ()):
                key = found["Key"].removeprefix(self._root)
                yield ObjectInfo(key, found["Size"], found["ETag"], found["LastModified"])
            if not page["IsTruncated"]:
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    async def features(self) -> Features:
        bucket = self._bucket.bucket
        keeps_versions = has_lock = False
        with suppress(RequestRefused, AccessDenied, ObjectMissing):
            status = await self._call(None, partial(self._client.get_bucket_versioning, Bucket=bucket))
            keeps_versions = bool(status.get("Status"))  # suspended: those from before are still there
        with suppress(RequestRefused, AccessDenied, ObjectMissing):
            await self._call(None, partial(self._client.get_object_lock_configuration, Bucket=bucket))
            has_lock = True
        return Features(keeps_versions, has_lock)

    async def presign_get(self, key: str, *, expires_seconds: int = PRESIGNED_SECONDS, filename: str) -> str:
        if not 0 < expires_seconds <= LONGEST_PRESIGNED_SECONDS:
            raise RequestRefused(f"A download link lives between 1 and {LONGEST_PRESIGNED_SECONDS} seconds.")
        parameters = self._object(key) | {"ResponseContentDisposition": attachment(filename)}
        with self._translated(key):
            return await self._client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=expires_seconds)

    def by_others(self, key: str) -> UploadByOthers:
        return UploadByOthers(self._client, self._place(key), patience=self._patience, writing=self._manner.writing)

    async def uploads(self, prefix: str = "") -> AsyncGenerator[OpenUpload]:
        request: dict[str, Any] = {"Bucket": self._bucket.bucket, "Prefix": self._root + prefix, "MaxUploads": _PAGE}
        while True:
            page = await self._call(None, partial(self._client.list_multipart_uploads, **request))
            for found in page.get("Uploads", ()):
                yield OpenUpload(found["Key"].removeprefix(self._root), found["UploadId"], found["Initiated"])
            if not page["IsTruncated"]:
                return
            # Both, says the protocol; SeaweedFS gives and takes the second alone.
            request |= {"KeyMarker": page.get("NextKeyMarker", ""), "UploadIdMarker": page["NextUploadIdMarker"]}

    async def abort(self, key: str, upload_id: str) -> None:
        await self._patience.calls.run(lambda: self._parts(key).abort(upload_id), call="abort", key=key)

    async def _all_versions(self, prefix: str) -> AsyncGenerator[ObjectVersion]:
        request: dict[str, Any] = {"Bucket": self._bucket.bucket, "Prefix": self._root + prefix, "MaxKeys": _PAGE}
        while True:
            page = await self._call(None, partial(self._client.list_object_versions, **request))
            for version in page.get("Versions", ()):
                yield ObjectVersion(version["Key"].removeprefix(self._root), version["VersionId"])
            for marker in page.get("DeleteMarkers", ()):
                yield ObjectVersion(marker["Key"].removeprefix(self._root), marker["VersionId"], is_marker=True)
            if not page["IsTruncated"]:
                return
            request |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}

    async def _open_range(self, key: str, start: int, end: int | None, etag: str | None) -> Answer:
        conditions: dict[str, Any] = {}
        if start or end is not None:
            conditions["Range"] = f"bytes={start}-" if end is None else f"bytes={start}-{end - 1}"
        if etag is not None:
            conditions["IfMatch"] = etag
        with self._translated(key):
            async with asyncio.timeout(self._patience.call_seconds):
                answer = await self._client.get_object(**self._object(key), **conditions)
        if "Range" in conditions and not answer.get("ContentRange", "").startswith(f"bytes {start}-"):
            answer["Body"].close()
            raise StoreFailed(f"The location ignores ranges: {self._place(key)}.", **self._place(key).members())

        async def read(limit: int) -> bytes:
            with self._translated(key):
                return await answer["Body"].read(limit)

        return Answer(answer["ETag"], start + answer["ContentLength"], read, answer["Body"].close)

    async def _holds(self, key: str, content: bytes) -> bool:
        found = await self.head(key)
        return found is not None and found.size_bytes == len(content) and await self.get(key) == content

    async def _call(self, key: str | None, call: Callable[[], Awaitable[Result]]) -> Result:
        async def attempt() -> Result:
            with self._translated(key):
                async with asyncio.timeout(self._patience.call_seconds):
                    return await call()

        return await self._patience.calls.run(attempt, key=key)

    def _translated(self, key: str | None, *, writing: bool = False) -> AbstractContextManager[None]:
        return translated(self._place(key), writing=writing)

    def _parts(self, key: str) -> PartsOfObject:
        return PartsOfObject(
            self,
            self._client,
            self._place(key),
            key,
            patience=self._patience,
            limits=self._limits,
            writing=self._manner.writing,
        )

    def _version(self, version: ObjectVersion) -> dict[str, Any]:
        named = self._object(version.key)
        return named if version.version_id is None else named | {"VersionId": version.version_id}

    def _place(self, key: str | None) -> Place:
        return replace(self._bucket, key=None if key is None else self._root + key)

    def _object(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._bucket.bucket, "Key": self._root + key}
