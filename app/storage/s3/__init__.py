"""S3 and what speaks its protocol. The only folder that knows the vendor's library."""

from app.storage.s3.clients import S3Location, S3Stores
from app.storage.s3.objects import S3Store

__all__ = ["S3Location", "S3Store", "S3Stores"]
