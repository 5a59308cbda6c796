"""The way from a row to the store behind it."""

from pydantic import SecretStr

from app.db.sealed import sealed_context
from app.kit.sealing import KeyRing
from app.locations.models import Location
from app.storage.s3 import LockMode, Manner, ObjectLock, S3Location, S3Stores, ServerSideEncryption, WriteOptions
from app.storage.store import MAX_PARTS, ObjectStore


async def open_store(stores: S3Stores, key_ring: KeyRing, location: Location) -> ObjectStore:
    """Keys are relative to the location's prefix. Makes no call to the store."""
    return await stores.open(address_of(location, key_ring))


def address_of(location: Location, key_ring: KeyRing) -> S3Location:
    secret = key_ring.open(location.secret_key_sealed, context=_context(location))
    return S3Location(
        endpoint_url=location.endpoint_url,
        bucket=location.bucket,
        region=location.region,
        addressing_style="path" if location.addressing == "path" else "virtual",
        access_key_id=location.access_key_id,
        secret_access_key=SecretStr(secret.decode()),
        prefix=location.prefix,
        manner=Manner(
            max_parts=location.max_parts or MAX_PARTS,
            keeps_versions=bool(location.capabilities.get("keeps_versions")),
            writing=_writing(location),
        ),
        upload_bytes_per_second=location.max_upload_bytes_per_second,
    )


def _writing(location: Location) -> WriteOptions:
    lock = location.object_lock
    return WriteOptions(
        sse=None if location.sse is None else ServerSideEncryption(location.sse),
        kms_key_id=location.kms_key_id,
        object_lock=None if lock is None else ObjectLock(LockMode(lock["mode"]), lock["days"]),
    )


def seal_secret(location: Location, secret: SecretStr, key_ring: KeyRing) -> bytes:
    return key_ring.seal(secret.get_secret_value().encode(), context=_context(location))


def _context(location: Location) -> str:
    return sealed_context("location", "secret_key_sealed", location.id)
