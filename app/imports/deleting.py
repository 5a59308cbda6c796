"""The flow that removes a file: its objects, their absence, and only then the row says so."""

from dataclasses import dataclass

from sqlalchemy import func

from app.events.emit import emit
from app.imports.models import ImportState
from app.imports.placing import folder_of_import, remove_all
from app.imports.repository import ImportRepository
from app.imports.schemas import DeleteImport
from app.jobs.machine import Move, NoMemo, Steps, done, step
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.locations.access import open_store
from app.locations.models import Location, LocationState
from app.runtime import Runtime
from app.storage.errors import BucketMissing, StoreFailed


@dataclass(frozen=True)
class DeleteImportSteps(Steps[DeleteImport, NoMemo]):
    runtime: Runtime

    args = DeleteImport
    memo = NoMemo

    @step
    async def remove(self, run: Run[DeleteImport, NoMemo]) -> Move:
        async with run.reading() as session:
            row = await ImportRepository(session).find(run.args.import_id)
            location = await session.get_one(Location, row.location_id)
        folder = folder_of_import(row)
        if location.state != LocationState.DELETED:
            store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
            try:
                if row.upload_id is not None and row.source_key is not None:
                    await store.abort(row.source_key, row.upload_id)
                await remove_all(store, folder, keep=())
                left = [found.key async for found in store.list(folder)]
            except BucketMissing:  # and with it all that was in it
                left = []
            if left:
                raise StoreFailed(f"The location still has {len(left)} objects below {folder}.")
        async with run.writing() as session:
            moved = await ImportRepository(session).move(
                row.id,
                frm={ImportState.DELETING},
                to=ImportState.DELETED,
                deleted_at=func.now(),
                url_sealed=None,
                stored=None,
            )
            if moved:
                emit(
                    session,
                    "import.deleted",
                    project_id=row.project_id,
                    database_id=row.database_id,
                    subject_id=encode_id("imp", row.id),
                    job_id=run.id,
                )
        return done(type="import", import_id=encode_id("imp", row.id))
