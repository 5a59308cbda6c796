"""Aborts multipart uploads that nobody will ever end; few stores do it themselves, and their space is billed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import structlog

from app.errors import Problem
from app.storage.store import ObjectStore, OpenUpload

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sweep:
    aborted: tuple[OpenUpload, ...]
    failed: tuple[OpenUpload, ...]
    kept: int


async def sweep(store: ObjectStore, prefix: str, *, older_than: datetime, keep: Collection[str]) -> Sweep:
    """Aborts uploads under ``prefix`` started before ``older_than``, besides the upload ids of running jobs in ``keep``.

    One that cannot be aborted does not stop the others; the next sweep tries it again.
    """
    aborted: list[OpenUpload] = []
    failed: list[OpenUpload] = []
    found = [upload async for upload in store.uploads(prefix)]  # pages shift while their uploads go away
    for upload in found:
        if upload.started_at >= older_than or upload.upload_id in keep:
            continue
        try:
            await store.abort(upload.key, upload.upload_id)
        except Problem as problem:
            log.warning("upload.not_swept", key=upload.key, upload_id=upload.upload_id, code=problem.code)
            failed.append(upload)
        else:
            log.info("upload.swept", key=upload.key, upload_id=upload.upload_id, started_at=upload.started_at)
            aborted.append(upload)
    return Sweep(tuple(aborted), tuple(failed), len(found) - len(aborted) - len(failed))
