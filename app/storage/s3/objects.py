"""One bucket and prefix as an object store, and what its answers mean."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import (
    AbstractContextManager,
    aclosing,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from app.errors import Problem
from app.storage.body import watched
from app.storage.download import attachment
from app.storage.errors import (
    AccessDenied,
    ObjectExists,
    ObjectMissing,
    ObjectTooLarge,
    Place,
    RequestRefused,
    StoreFailed,
    StoreUnreachable,
    UploadGone,
    problem_of_answer,
)
from app.storage.finishing import finished
from app.storage.pump import pumped
from app.storage.reader import Answer, resumed
from app.storage.retries import Patience
from app.storage.store import (
    MAX_PARTS,
    PRESIGNED_SECONDS,
    SMALL_OBJECT_BYTES,
    Buffer,
    ObjectInfo,
    OpenUpload,
    Upload,
)

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

ABORT_CALL_SECONDS: Final = 5
PUT_GRACE_SECONDS: Final = 2.0
LONGEST_PRESIGNED_SECONDS: Final = int(timedelta(days=7).total_seconds())  # of SigV4
_PAGE: Final = 1000

Result = TypeVar("Result")


class S3Store:
    """An ObjectStore over one bucket and prefix."""

    def __init__(self, client: "S3Client", bucket: Place, *, prefix: str, patience: Patience) -> None:
        self._client = client
        self._bucket = bucket
        self._root = f"{prefix}/" if prefix else ""
        self._patience = patience

    def __repr__(self) -> str:
        return f"<S3Store {self._bucket}, prefix {self._root!r}>"

    async def put(self, key: str, body: Buffer, *, if_absent: bool = False) -> None:
        content = bytes(body)
        target = self._object(key) | {"ChecksumSHA256": _base64(hashlib.sha256(content).digest())}
        if if_absent:
            target["IfNoneMatch"] = "*"
        is_repeated = False

        async def put() -> None:
            nonlocal is_repeated
            try:
                with self._translated(key, writing=True):
                    async with watched(content, self._patience.stall_seconds) as sent:
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
        self, key: str, *, part_bytes: int, in_flight: int = 4, max_parts: int = MAX_PARTS
    ) -> AsyncGenerator[Upload]:
        async with pumped(
            self._parts(key),
            key,
            part_bytes=part_bytes,
            in_flight=in_flight,
            max_parts=max_parts,
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
        return ObjectInfo(key, found["ContentLength"], found["ETag"], found["LastModified"])

    async def delete(self, key: str) -> None:
        with suppress(ObjectMissing):
            await self._call(key, partial(self._client.delete_object, **self._object(key)))

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

    async def presign_get(self, key: str, *, expires_seconds: int = PRESIGNED_SECONDS, filename: str) -> str:
        if not 0 < expires_seconds <= LONGEST_PRESIGNED_SECONDS:
            raise RequestRefused(f"A download link lives between 1 and {LONGEST_PRESIGNED_SECONDS} seconds.")
        parameters = self._object(key) | {"ResponseContentDisposition": attachment(filename)}
        with self._translated(key):
            return await self._client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=expires_seconds)

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

    def _parts(self, key: str) -> "_PartCalls":
        return _PartCalls(self, self._client, self._place(key), self._patience, key)

    def _place(self, key: str | None) -> Place:
        return replace(self._bucket, key=None if key is None else self._root + key)

    def _object(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._bucket.bucket, "Key": self._root + key}


class _PartCalls:
    """One attempt each; the pump repeats them."""

    def __init__(self, store: S3Store, client: "S3Client", place: Place, patience: Patience, key: str) -> None:
        self._store = store
        self._client = client
        self._place = place
        self._patience = patience
        self._key = key
        self._object: dict[str, Any] = {"Bucket": place.bucket, "Key": place.key}

    async def start(self) -> str:
        with translated(self._place, writing=True):
            async with asyncio.timeout(self._patience.call_seconds):
                return (await self._client.create_multipart_upload(**self._object))["UploadId"]

    async def send(self, upload_id: str, number: int, body: bytearray, *, sha256: bytes) -> str:
        part = self._object | {"UploadId": upload_id, "PartNumber": number, "ChecksumSHA256": _base64(sha256)}
        with translated(self._place, writing=True):
            async with watched(body, self._patience.stall_seconds) as content:
                return (await self._client.upload_part(**part, Body=content))["ETag"]

    async def finish(self, upload_id: str, etags: Sequence[str]) -> None:
        parts: Any = {"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]}
        with translated(self._place, writing=True):
            answer = await self._client.complete_multipart_upload(
                **self._object, UploadId=upload_id, MultipartUpload=parts
            )
        # The status comes before the work is done. The library raises for a body with an error; none at all is no success.
        if not answer.get("ETag"):
            raise StoreFailed(f"Completing was answered with nothing by {self._place}.", **self._place.members())

    async def abort(self, upload_id: str) -> None:
        with suppress(UploadGone), translated(self._place, writing=True):
            async with asyncio.timeout(ABORT_CALL_SECONDS):
                await self._client.abort_multipart_upload(**self._object, UploadId=upload_id)

    async def put_empty(self) -> None:
        await self._store.put(self._key, b"")

    async def size_bytes(self) -> int | None:
        found = await self._store.head(self._key)
        return None if found is None else found.size_bytes


@contextmanager
def translated(place: Place, *, writing: bool = False) -> Generator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        raise problem_of_answer(code, status, place, writing=writing) from error
    except ParamValidationError as error:
        raise RequestRefused(f"No valid request for {place}: {error}", **place.members()) from error
    except (BotoCoreError, aiohttp.ClientError, TimeoutError, OSError) as error:
        cause = error.kwargs.get("error") if isinstance(error, BotoCoreError) else None
        if isinstance(cause, Problem):  # of the guard, below the library
            raise cause from error
        detail = f"{place} does not answer ({type(cause or error).__name__}: {cause or error})."
        raise StoreUnreachable(detail, **place.members()) from error


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
