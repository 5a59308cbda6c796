"""The calls that an upload in parts is made of, and what the answers of an S3 endpoint mean."""

import asyncio
import base64
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from app.errors import Problem
from app.kit.clock import utc_now
from app.storage.body import watched
from app.storage.errors import Place, RequestRefused, StoreFailed, StoreUnreachable, UploadGone, problem_of_answer
from app.storage.limits import Limits
from app.storage.retries import Patience
from app.storage.s3.writing import WriteOptions
from app.storage.store import Buffer, ObjectInfo

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

ABORT_CALL_SECONDS: Final = 5


class WholeObjects(Protocol):
    """What of a store an upload also needs: an empty object has no parts, and the size of any is looked at."""

    async def put(self, key: str, body: Buffer, *, if_absent: bool = False) -> None: ...

    async def head(self, key: str) -> ObjectInfo | None: ...


class PartsOfObject:
    """One attempt each; the pump repeats them.

    A store that knows checksums wants their kind at the start, one with each part, and all of them again at the end.
    """

    def __init__(
        self,
        store: WholeObjects,
        client: "S3Client",
        place: Place,
        key: str,
        *,
        patience: Patience,
        limits: Limits,
        writing: WriteOptions,
    ) -> None:
        self._store = store
        self._client = client
        self._place = place
        self._key = key
        self._patience = patience
        self._limits = limits
        self._writing = writing
        self._object: dict[str, Any] = {"Bucket": place.bucket, "Key": place.key}
        self._checksums: dict[int, str] = {}

    async def start(self) -> str:
        wanted = self._object | {"ChecksumAlgorithm": "SHA256"} | self._writing.parameters(utc_now())
        with translated(self._place, writing=True):
            async with asyncio.timeout(self._patience.call_seconds):
                return (await self._client.create_multipart_upload(**wanted))["UploadId"]

    async def send(self, upload_id: str, number: int, body: bytearray, *, sha256: bytes) -> str:
        self._checksums[number] = in_base64(sha256)
        part = self._object | {
            "UploadId": upload_id,
            "PartNumber": number,
            "ChecksumSHA256": self._checksums[number],
        }
        with translated(self._place, writing=True):
            async with watched(body, self._patience.stall_seconds, self._limits) as content:
                return (await self._client.upload_part(**part, Body=content))["ETag"]

    async def finish(self, upload_id: str, etags: Sequence[str]) -> None:
        parts: Any = {
            "Parts": [
                {"PartNumber": number, "ETag": etag, "ChecksumSHA256": self._checksums[number]}
                for number, etag in enumerate(etags, 1)
            ]
        }
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


def in_base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
