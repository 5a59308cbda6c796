"""What can go wrong with a location, and how an answer of a store is told from another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.errors import Conflict, NotFound, Problem, Unavailable, Unprocessable


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call went. Rendered into details and members; holds no credentials."""

    host: str
    bucket: str
    key: str | None = None

    def __str__(self) -> str:
        return f"bucket {self.bucket} at {self.host}" + (f", key {self.key}" if self.key is not None else "")

    def members(self) -> dict[str, Any]:
        members: dict[str, Any] = {"endpoint_host": self.host, "bucket": self.bucket}
        return members if self.key is None else members | {"key": self.key}


class EndpointForbidden(Unprocessable):
    code, title = "ENDPOINT_FORBIDDEN", "This address may not be connected to"


class StoreUnreachable(Unavailable):
    code, title = "LOCATION_UNREACHABLE", "The location does not answer"


class StoreFailed(Unavailable):
    code, title = "LOCATION_FAILED", "The location failed to do it"


class StoreFull(Unavailable):
    code, title = "LOCATION_FULL", "The location has no space left"


class BucketMissing(Unprocessable):
    code, title = "LOCATION_BUCKET_MISSING", "The bucket does not exist"


class AccessDenied(Unprocessable):
    code, title = "LOCATION_ACCESS_DENIED", "The location refused the credentials"


class ClockSkewed(Unprocessable):
    code, title = "LOCATION_CLOCK_SKEWED", "The clocks here and at the location differ"


class RequestRefused(Unprocessable):
    code, title = "LOCATION_REQUEST_REFUSED", "The location does not accept the request"


class EncryptionNotOffered(Unprocessable):
    code, title = "LOCATION_ENCRYPTION_NOT_OFFERED", "The location does not encrypt as wished"


class LockNotOffered(Unprocessable):
    code, title = "LOCATION_LOCK_NOT_OFFERED", "The location does not lock objects"


class ObjectMissing(NotFound):
    code, title = "LOCATION_OBJECT_MISSING", "The object does not exist"


class ObjectExists(Conflict):
    code, title = "LOCATION_OBJECT_EXISTS", "The object exists already"


class ObjectChanged(Conflict):
    code, title = "LOCATION_OBJECT_CHANGED", "The object was replaced while it was read"


class ObjectTooLarge(Unprocessable):
    code, title = "LOCATION_OBJECT_TOO_LARGE", "The object is larger than expected"


class ObjectTruncated(Conflict):
    code, title = "LOCATION_OBJECT_TRUNCATED", "The object is shorter than expected"


class ObjectRetained(Conflict):
    """Locked against deletion, as it was wished: ``until`` is when it can be tried again, None when nobody knows."""

    code, title = "LOCATION_OBJECT_RETAINED", "The location does not delete the object yet"

    def __init__(self, place: Place, until: datetime | None) -> None:
        when = "somebody lifts its legal hold" if until is None else f"{until:%Y-%m-%d %H:%M} UTC"
        super().__init__(f"The object is locked until {when}: {place}.", **place.members())
        self.until = until


class UploadGone(Conflict):
    code, title = "LOCATION_UPLOAD_GONE", "The upload was ended by somebody else"


class UploadTooLarge(Unprocessable):
    code, title = "LOCATION_UPLOAD_TOO_LARGE", "The upload needs more parts than the location allows"


class UploadFailed(Unavailable):
    code, title = "LOCATION_UPLOAD_FAILED", "The uploaded object is not what was sent"


_Answer = tuple[type[Problem], str]
_MISSING_OBJECT: Final[_Answer] = (ObjectMissing, "There is no such object: {place}.")
_TRUNCATED: Final[_Answer] = (ObjectTruncated, "The object is shorter than the range asked for: {place}.")
_SKEWED: Final[_Answer] = (ClockSkewed, "The clock here differs too much from the one of {place}. Correct it here.")
_DENIED: Final[_Answer] = (
    AccessDenied,
    "Access denied ({code}) to {place}. Check key id, secret, region and the rights of the key.",
)
_FULL: Final[_Answer] = (StoreFull, "No space left ({code}) in {place}. Free some, or raise its quota.")
# Some of these come with a status of 4xx, and yet the request is right: it broke on the way, or came too early.
_FAILED: Final[_Answer] = (StoreFailed, "Answer {status} ({code}) from {place}.")
_REFUSED: Final[_Answer] = (RequestRefused, "Answer {status} ({code}) from {place}: it may not support the request.")
_EXISTS: Final[_Answer] = (ObjectExists, "There is such an object already: {place}.")
_CHANGED: Final[_Answer] = (ObjectChanged, "The object was replaced while it was read: {place}. Read it again.")

# Answers to HEAD have no body, and hence their status as code.
_BY_CODE: Final[dict[str, _Answer]] = {
    "NoSuchBucket": (BucketMissing, "There is no {place}. Create it, or correct the location."),
    "NoSuchKey": _MISSING_OBJECT,
    "404": _MISSING_OBJECT,
    "NoSuchUpload": (UploadGone, "The upload was completed or aborted by somebody else: {place}."),
    "InvalidRange": _TRUNCATED,
    "RequestTimeTooSkewed": _SKEWED,
    "RequestExpired": _SKEWED,
    **dict.fromkeys(("ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch"), _DENIED),
    **dict.fromkeys(("InsufficientStorage", "QuotaExceeded", "StorageFull", "XMinioStorageFull"), _FULL),
    **dict.fromkeys(("BadDigest", "IncompleteBody", "XAmzContentChecksumMismatch"), _FAILED),
    **dict.fromkeys(("ConditionalRequestConflict", "OperationAborted", "RequestTimeout", "SlowDown"), _FAILED),
}
_BY_STATUS: Final[dict[int, _Answer]] = {
    401: _DENIED,
    403: _DENIED,
    416: _TRUNCATED,
    429: _FAILED,
    501: _REFUSED,
    507: _FULL,
}
_PRECONDITION_FAILED = 412
_SERVER_ERROR = 500


def problem_of_answer(code: str, status: int, place: Place, *, writing: bool) -> Problem:
    """The problem behind an S3 error ``code`` and HTTP ``status``: stores invent codes, the status decides then.

    ``writing`` says what a failed condition means: that there is an object, or that it is another one by now.
    """
    by_status = _BY_STATUS.get(status, _FAILED if status >= _SERVER_ERROR else _REFUSED)
    kind, text = _BY_CODE.get(code, by_status)
    if status == _PRECONDITION_FAILED:
        kind, text = _EXISTS if writing else _CHANGED
    return kind(text.format(code=code, status=status, place=place), **place.members())
