"""Tries out a location before anything is entrusted to it, and leaves nothing behind."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import structlog

from app.errors import Problem
from app.kit.clock import Clock, utc_now
from app.storage.errors import EncryptionNotOffered, LockNotOffered, ObjectExists, ObjectRetained, StoreFailed
from app.storage.finishing import finished
from app.storage.store import MIB, ObjectStore

log = structlog.get_logger()

CLOCK_SKEW_WARNING_SECONDS: Final = 60  # signatures are refused from 15 minutes on
CLEAN_UP_SECONDS: Final = 20
_CONTENT = b"written, read and deleted by a probe of this location\n"


@dataclass(slots=True)
class ProbeReport:
    """What the store can do; ``seconds`` by step."""

    honours_if_none_match: bool = False
    lists_uploads: bool = False
    keeps_versions: bool = False
    object_lock: bool = False
    sse: str | None = None  # only when it was wished
    clock_skew_seconds: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the location is to be used with. ``encrypting``: the same place, opened so that it is asked to encrypt."""

    encrypting: ObjectStore | None = None
    encryption: str | None = None
    object_lock: bool = False


async def probe(store: ObjectStore, *, clock: Clock = utc_now, wishes: Wishes | None = None) -> ProbeReport:
    """Writes, reads and deletes under ``.probe/``. Raises the problem of the step that failed, ``step`` in its members.

    ``store`` must not lock what it writes: nothing is to stay.
    """
    report, wishes = ProbeReport(), wishes or Wishes()
    key = f".probe/{uuid4()}"
    try:
        await _write_and_read(store, key, report, clock)
        await _start_and_abort_upload(store, key, report)
        await _look_at_features(store, report, wishes)
        if wishes.encrypting is not None:
            await _write_encrypted(wishes.encrypting, key, report, wishes.encryption)
        await _delete(store, key, report)
    except BaseException:
        await finished(_delete_if_possible(store, key), grace_seconds=CLEAN_UP_SECONDS)
        raise
    return report


async def _write_and_read(store: ObjectStore, key: str, report: ProbeReport, clock: Clock) -> None:
    with _step(report, "write"):
        before = clock()
        await store.put(key, _CONTENT)
        after = clock()
    with _step(report, "read"):
        if await store.get(key) != _CONTENT:
            raise StoreFailed(f"The location gave back something else than was written to {key}.", key=key)
    with _step(report, "read_range"):
        if b"".join([chunk async for chunk in store.read(key, start=8, end=20)]) != _CONTENT[8:20]:
            raise StoreFailed(f"The location gave back another range of {key} than was asked for.", key=key)
    with _step(report, "head"):
        info = await store.head(key)
        if info is None or info.size_bytes != len(_CONTENT):
            raise StoreFailed(f"The location does not show {key} right after it was written.", key=key)
    # The store's time has whole seconds, and the write took some: only what lies outside of that is skew.
    early, late = (before - info.modified_at).total_seconds() - 1, (info.modified_at - after).total_seconds()
    report.clock_skew_seconds = max(early, 0.0) or min(-late, 0.0)
    if abs(report.clock_skew_seconds) > CLOCK_SKEW_WARNING_SECONDS:
        report.warnings.append(f"The clock here is {report.clock_skew_seconds:+.0f} s off the location's.")
    with _step(report, "write_if_absent"):
        report.honours_if_none_match = await _refuses_second_write(store, key)
    if not report.honours_if_none_match:
        report.warnings.append("The location overwrites objects even when asked not to (If-None-Match).")


async def _refuses_second_write(store: ObjectStore, key: str) -> bool:
    try:
        await store.put(key, _CONTENT[::-1], if_absent=True)
    except ObjectExists:
        return True
    except Problem as problem:  # "not implemented", in many words; the plain write has worked
        log.info("probe.condition_refused", code=problem.code)
    return False


async def _start_and_abort_upload(store: ObjectStore, key: str, report: ProbeReport) -> None:
    with _step(report, "multipart"):
        async with store.multipart(key, part_bytes=5 * MIB) as upload:
            try:
                listed = [found.upload_id async for found in store.uploads(key)]
            except Problem as problem:
                log.info("probe.listing_refused", code=problem.code)
                listed = []
            report.lists_uploads = upload.upload_id in listed
    if not report.lists_uploads:
        report.warnings.append("The location does not list unfinished uploads, so those of a crash cannot be swept.")


async def _look_at_features(store: ObjectStore, report: ProbeReport, wishes: Wishes) -> None:
    with _step(report, "features"):
        found = await store.features()
        report.keeps_versions, report.object_lock = found.keeps_versions, found.object_lock
        if wishes.object_lock and not report.object_lock:
            raise LockNotOffered(
                "The bucket locks no objects, or the key may not ask (s3:GetBucketObjectLockConfiguration). A lock must be "
                "wished when a bucket is made; make another one, or leave object_lock out."
            )


async def _write_encrypted(store: ObjectStore, key: str, report: ProbeReport, wished: str | None) -> None:
    with _step(report, "write_encrypted"):
        try:
            await store.put(key, _CONTENT)
            info = await store.head(key)
        except Problem as problem:  # it took the same object without the wish
            raise EncryptionNotOffered(f"A write with encryption {wished} failed: {problem.detail}") from problem
        found = None if info is None else info.encryption
        if found != wished:
            raise EncryptionNotOffered(
                f"The location was asked to encrypt by {wished}, and says that it encrypts by {found or 'nothing'}. "
                "Backups are encrypted before they leave here in any case; leave sse out."
            )
        report.sse = found


async def _delete(store: ObjectStore, key: str, report: ProbeReport) -> None:
    with _step(report, "delete"):
        try:
            await store.delete(key)
        except ObjectRetained as problem:  # by the bucket's own default
            report.warnings.append(
                f"The bucket locks whatever is written, so the probe's object stays. {problem.detail}"
            )
        if await store.head(key) is not None:
            raise StoreFailed(f"The location still shows {key} after it was deleted.", key=key)


@contextmanager
def _step(report: ProbeReport, name: str) -> Generator[None]:
    start = time.perf_counter()
    try:
        yield
    except Problem as problem:
        problem.members.setdefault("step", name)
        raise
    finally:
        report.seconds[name] = round(time.perf_counter() - start, 4)


async def _delete_if_possible(store: ObjectStore, key: str) -> None:
    """The upload was aborted by its own context already."""
    try:
        await store.delete(key)
    except Problem as problem:
        log.warning("probe.left_behind", key=key, code=problem.code)
