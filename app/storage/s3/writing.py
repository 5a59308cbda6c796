"""How objects are written into a bucket: encrypted by the store, locked against deletion."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class ServerSideEncryption(StrEnum):
    AES256 = "AES256"
    KMS = "aws:kms"


class LockMode(StrEnum):
    GOVERNANCE = "GOVERNANCE"  # who has a special right may delete all the same; we never use it
    COMPLIANCE = "COMPLIANCE"  # nobody may


@dataclass(frozen=True, slots=True)
class ObjectLock:
    mode: LockMode
    days: int


@dataclass(frozen=True, slots=True)
class WriteOptions:
    sse: ServerSideEncryption | None = None
    kms_key_id: str | None = None
    object_lock: ObjectLock | None = None

    def parameters(self, now: datetime) -> dict[str, Any]:
        """Of the calls that begin an object: a put, and the start of an upload in parts."""
        found: dict[str, Any] = {}
        if self.sse is not None:
            found["ServerSideEncryption"] = self.sse.value
        if self.kms_key_id is not None:
            found["SSEKMSKeyId"] = self.kms_key_id
        if self.object_lock is not None:
            found["ObjectLockMode"] = self.object_lock.mode.value
            found["ObjectLockRetainUntilDate"] = now + timedelta(days=self.object_lock.days)
        return found
