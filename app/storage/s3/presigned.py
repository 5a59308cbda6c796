"""Uploads whose parts somebody else sends: with addresses that we signed, and without our credentials."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from app.kit.clock import utc_now
from app.storage.errors import Place, StoreFailed
from app.storage.retries import Patience
from app.storage.s3.parts import translated
from app.storage.s3.writing import WriteOptions

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

_FINISH_SECONDS: Final = 120  # large stores put thousands of parts together before they answer


class UploadByOthers:
    """Of one object. No checksums are asked for, since senders do not know how to give them."""

    def __init__(self, client: "S3Client", place: Place, *, patience: Patience, writing: WriteOptions) -> None:
        self._client = client
        self._place = place
        self._patience = patience
        self._writing = writing
        self._object: dict[str, Any] = {"Bucket": place.bucket, "Key": place.key}

    async def start(self) -> str:
        """The upload id. Nothing is left behind when this fails."""
        wanted = self._object | self._writing.parameters(utc_now())
        with translated(self._place, writing=True):
            async with asyncio.timeout(self._patience.call_seconds):
                return (await self._client.create_multipart_upload(**wanted))["UploadId"]

    async def address_of(self, upload_id: str, number: int, *, expires_seconds: int) -> str:
        """Where one part goes by PUT: a secret. Makes no call."""
        part = self._object | {"UploadId": upload_id, "PartNumber": number}
        with translated(self._place):
            return await self._client.generate_presigned_url("upload_part", Params=part, ExpiresIn=expires_seconds)

    async def finish(self, upload_id: str, etags: Mapping[int, str]) -> None:
        """Raises UploadGone also when it was finished before."""
        parts: Any = {"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in sorted(etags.items())]}
        with translated(self._place, writing=True):
            async with asyncio.timeout(_FINISH_SECONDS):
                answer = await self._client.complete_multipart_upload(
                    **self._object, UploadId=upload_id, MultipartUpload=parts
                )
        if not answer.get("ETag"):
            raise StoreFailed(f"Completing was answered with nothing by {self._place}.", **self._place.members())
