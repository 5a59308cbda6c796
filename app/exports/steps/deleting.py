"""Removing what exports left in a location: by itself when they expire, and what attempts that lost left behind."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol
from uuid import UUID

import structlog

from app.errors import Problem
from app.exports.models import Export, ExportState
from app.exports.repository import ExportRepository
from app.exports.schemas import DeleteExport
from app.jobs.machine import Move, NoMemo, Steps, done, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.locations.access import open_store
from app.locations.models import Location, LocationState
from app.locations.repository import LocationRepository
from app.runtime import Runtime
from app.storage.errors import BucketMissing, StoreFailed

log = structlog.get_logger()

# A bucket may lock what is written to it, for longer than an export is worth.
_AGAIN_AFTER: Final = timedelta(hours=6)


class OpenedUpload(Protocol):
    @property
    def key(self) -> str: ...

    @property
    def upload_id(self) -> str: ...


@dataclass(frozen=True)
class DeleteExportSteps(Steps[DeleteExport, NoMemo]):
    runtime: Runtime

    args = DeleteExport
    memo = NoMemo

    @step
    async def remove(self, run: Run[DeleteExport, NoMemo]) -> Move:
        """The file, its absence, and only then the row."""
        async with run.reading() as session:
            export = await ExportRepository(session).find(run.args.export_id)
        left = await empty_folder(self.runtime, run, export, keep=None)
        if left:
            raise StoreFailed(f"The location still shows {left} after it was deleted.", key=left)
        async with run.writing() as session:
            await ExportRepository(session).move(
                export.id, frm={ExportState.DELETING}, to=ExportState.DELETED, deleted_at=self.runtime.clock()
            )
        return done(type="export", export_id=encode_id("exp", export.id))

    async def compensate(self, run: Run[DeleteExport, NoMemo], outcome: JobState) -> None:  # noqa: ARG002 (the base class's)
        """It is tried again later, as if it had expired then."""
        async with run.writing() as session:
            await ExportRepository(session).move(
                run.args.export_id,
                frm={ExportState.DELETING},
                to=ExportState.AVAILABLE,
                expires_at=self.runtime.clock() + _AGAIN_AFTER,
            )


def folder_of(export: Export) -> str:
    return f"exports/{encode_id('exp', export.id)}/"


async def empty_folder(runtime: Runtime, run: Run[Any, Any], export: Export, *, keep: str | None) -> str | None:
    """Removes everything but ``keep``. The answer is a key that is still there, if any is.

    Of an export that never got a location, all locations are looked at that may have seen an attempt.
    """
    left = None
    for location in await _locations(run, export):
        store = await open_store(runtime.stores, runtime.key_ring, location)
        folder = folder_of(export)
        try:
            with suppress(Problem):  # not every store lists them; those that do are also swept every hour
                for upload in [found async for found in store.uploads(folder)]:
                    await store.abort(upload.key, upload.upload_id)
            for key in [found.key async for found in store.list(folder) if found.key != keep]:
                await store.delete(key)
                log.info("export.object_removed", key=key)
            left = next(iter([found.key async for found in store.list(folder) if found.key != keep]), left)
        except BucketMissing:  # and with it all that was in it
            continue
        except Problem as problem:
            if location.id == export.location_id:
                raise
            await run.warn(f"Something of the export may be left in {location.name}: {problem.detail}")
    return left


async def abort_upload(runtime: Runtime, run: Run[Any, Any], location_id: UUID, upload: OpenedUpload) -> None:
    async with run.reading() as session:
        location = await LocationRepository(session).find(location_id)
    if location is None or location.state == LocationState.DELETED:
        return
    store = await open_store(runtime.stores, runtime.key_ring, location)
    try:
        await store.abort(upload.key, upload.upload_id)
    except Problem as problem:  # the location's hourly sweep finds it
        log.warning("export.upload_left_open", upload_id=upload.upload_id, code=problem.code)


async def _locations(run: Run[Any, Any], export: Export) -> list[Location]:
    async with run.reading() as session:
        return await ExportRepository(session).locations(export)
