"""What the rest of the house may ask of an object store.

Keys are relative to the prefix of the location that the store was opened for: nothing outside it can be touched.
Every method raises the problems of ``app.storage.errors``.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

MIB: Final = 1024 * 1024
MAX_PARTS: Final = 10_000  # what S3 allows; some stores allow 1,000
SMALL_OBJECT_BYTES: Final = 16 * MIB
PRESIGNED_SECONDS: Final = 900
Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class PartReceipt:
    number: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of a finished upload. ``sha256`` is of the whole object; all digests are hexadecimal."""

    key: str
    size_bytes: int
    sha256: str
    parts: tuple[PartReceipt, ...]


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """``etag`` is opaque: it says whether two answers are about the same bytes, and nothing else.

    ``encryption`` is what the store says it does to it by itself; a list does not tell.
    """

    key: str
    size_bytes: int
    etag: str
    modified_at: datetime
    encryption: str | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """Of a bucket, as far as its owner lets us ask."""

    keeps_versions: bool
    object_lock: bool


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """Something that lies under a key. A bucket without versions has one for each, without an id.

    A marker hides the versions before it and takes no space.
    """

    key: str
    version_id: str | None = None
    is_marker: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Hold:
    """What keeps a version from being deleted. ``until`` is None as long as somebody holds it by hand."""

    mode: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """A multipart upload that was neither completed nor aborted: invisible, but it takes space that is billed."""

    key: str
    upload_id: str
    started_at: datetime


class Upload(Protocol):
    """An object in the making. It becomes visible by ``complete`` alone."""

    @property
    def upload_id(self) -> str: ...

    @property
    def size_bytes(self) -> int:
        """What was written so far."""

    @property
    def room_bytes(self) -> int:
        """What may still be written before the store's number of parts is used up."""

    async def write(self, chunk: Buffer) -> None:
        """Takes a copy of ``chunk``; waits while too many parts are under way. Raises what broke an earlier part."""

    async def complete(self) -> Receipt: ...


class ForeignUpload(Protocol):
    """One object whose parts somebody else sends, by addresses that we sign."""

    async def start(self) -> str:
        """Returns the upload id."""

    async def address_of(self, upload_id: str, number: int, *, expires_seconds: int) -> str:
        """Where one part goes by PUT, without credentials: it is a secret itself."""

    async def finish(self, upload_id: str, etags: Mapping[int, str]) -> None:
        """Raises UploadGone, also when it was finished before."""


class ObjectStore(Protocol):
    async def put(self, key: str, body: Buffer, *, if_absent: bool = False) -> None:
        """Write a small object. ``if_absent`` raises ObjectExists, where the store can tell (the probe says so)."""

    def multipart(
        self, key: str, *, part_bytes: int, in_flight: int = 4, max_parts: int | None = None
    ) -> AbstractAsyncContextManager[Upload]:
        """Leaving the context without ``complete`` aborts the upload. ``max_parts``: as many as the location allows."""

    def read(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes from ``start`` up to, not including, ``end``; goes on after a broken connection.

        Close it (``contextlib.aclosing``) when leaving early.
        """

    async def get(self, key: str, *, limit_bytes: int = SMALL_OBJECT_BYTES) -> bytes: ...

    async def head(self, key: str) -> ObjectInfo | None: ...

    async def delete(self, key: str) -> None:
        """All versions of it. Fine when there is no such object. Raises ObjectRetained."""

    def versions(self, prefix: str = "") -> AsyncIterator[ObjectVersion]:
        """All that takes space there, also what a deletion by somebody else has only hidden."""

    async def remove(self, version: ObjectVersion) -> None:
        """Fine when it is gone. Raises ObjectRetained."""

    async def hold_of(self, version: ObjectVersion) -> Hold | None:
        """What the store will not delete it for, by our clock."""

    def list(self, prefix: str = "") -> AsyncIterator[ObjectInfo]: ...

    async def features(self) -> Features: ...

    async def presign_get(self, key: str, *, expires_seconds: int = PRESIGNED_SECONDS, filename: str) -> str:
        """An address that downloads the object as ``filename`` without credentials: it is a secret itself."""

    def by_others(self, key: str) -> ForeignUpload: ...

    def uploads(self, prefix: str = "") -> AsyncIterator[OpenUpload]: ...

    async def abort(self, key: str, upload_id: str) -> None:
        """Fine when there is no such upload."""


class PartCalls(Protocol):
    """The five calls that an upload is made of, for one object of one store. Errors are problems."""

    async def start(self) -> str:
        """Returns the upload id."""

    async def send(self, upload_id: str, number: int, body: bytearray, *, sha256: bytes) -> str:
        """Returns the part's ETag."""

    async def finish(self, upload_id: str, etags: Sequence[str]) -> None: ...

    async def abort(self, upload_id: str) -> None: ...

    async def put_empty(self) -> None: ...

    async def size_bytes(self) -> int | None: ...
