"""S3 and what speaks its protocol. The only folder that knows the vendor's library."""

from app.storage.s3.clients import S3Location, S3Stores
from app.storage.s3.objects import Manner, S3Store
from app.storage.s3.writing import LockMode, ObjectLock, ServerSideEncryption, WriteOptions

__all__ = [
    "LockMode",
    "Manner",
    "ObjectLock",
    "S3Location",
    "S3Store",
    "S3Stores",
    "ServerSideEncryption",
    "WriteOptions",
]
