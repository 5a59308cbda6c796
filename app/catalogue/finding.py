"""Manifests in a bucket: found by where they lie, read, and held against the objects that they name."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from app.kit.ids import decode_id
from app.locations.manifest import FORMAT, Manifest, ObjectKind, StoredObject
from app.storage.errors import ObjectMissing
from app.storage.store import ObjectStore

_MANIFEST_BYTES: Final = 256 * 1024 * 1024
_PLACE: Final = re.compile(
    r"(?:(?P<prefix>.+)/)?(?P<folder>(?P<prj>prj_\w+)/(?P<db>db_\w+)/(?P<bak>bak_\w+))/(?P<rest>.+)"
)


class ManifestBroken(Exception):
    """The reason why nothing is made of a manifest, for the report."""


@dataclass(frozen=True, slots=True)
class FoundManifest:
    """``prefix`` is what stands before the ids in the store's keys: the prefix of the location that it was written by."""

    key: str
    prefix: str
    project_id: UUID
    backup_id: UUID
    written_at: datetime


@dataclass(slots=True)
class Bucket:
    manifests: list[FoundManifest] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)


async def look_through(store: ObjectStore) -> Bucket:
    """Everything that may belong to a backup, the oldest backup first."""
    bucket = Bucket()
    async for found in store.list():
        place = _PLACE.fullmatch(found.key)
        if place is None:
            continue
        bucket.sizes[found.key] = found.size_bytes
        if place["rest"] == "manifest.json":
            try:
                project_id, backup_id = decode_id("prj", place["prj"]), decode_id("bak", place["bak"])
            except ValueError:
                continue
            prefix = place["prefix"] or ""
            bucket.manifests.append(FoundManifest(found.key, prefix, project_id, backup_id, found.modified_at))
    bucket.manifests.sort(key=lambda one: (one.backup_id, one.key))
    return bucket


async def read_manifest(store: ObjectStore, found: FoundManifest, bucket: Bucket) -> tuple[Manifest, list[str]]:
    """The manifest, and what is missing of its backup although it can be restored. Raises ManifestBroken."""
    try:
        content = await store.get(found.key, limit_bytes=_MANIFEST_BYTES)
    except ObjectMissing:
        raise ManifestBroken("it was deleted while this looked at it") from None
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "all of it"
        raise ManifestBroken(f"it is no manifest of this version: {where}: {first['msg']}") from None
    if manifest.format != FORMAT:
        raise ManifestBroken(f"it has the format {manifest.format}; this version reads {FORMAT}")
    if (manifest.project_id, manifest.backup_id) != (found.project_id, found.backup_id):
        raise ManifestBroken("it tells of another backup than the one in whose place it lies")
    try:
        archive = manifest.archive_object
    except StopIteration:
        raise ManifestBroken("it names no archive") from None
    if wrong := _wrong(archive, found, bucket):
        raise ManifestBroken(wrong)
    globals_object = manifest.object(ObjectKind.GLOBALS)
    lacks = _wrong(globals_object, found, bucket) if globals_object else None
    return manifest, [lacks] if lacks else []


def _wrong(stored: StoredObject, found: FoundManifest, bucket: Bucket) -> str | None:
    key = f"{found.prefix}/{stored.key}" if found.prefix else stored.key
    size = bucket.sizes.get(key)
    if size is None:
        return f"its {stored.kind} object {key} is missing"
    if size != stored.size_bytes:
        return f"its {stored.kind} object {key} has {size} bytes instead of {stored.size_bytes}"
    return None
