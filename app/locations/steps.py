"""Aborting uploads that were begun under a location's prefix and forgotten by a crash."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.jobs.machine import Move, NoMemo, Steps, done, step
from app.jobs.run import Run
from app.locations.access import open_store
from app.locations.models import LocationState
from app.locations.repository import LocationRepository
from app.locations.schemas import SweepLocation
from app.runtime import Runtime
from app.storage.sweep import sweep

FORGOTTEN_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True)
class SweepLocationSteps(Steps[SweepLocation, NoMemo]):
    runtime: Runtime
    args = SweepLocation
    memo = NoMemo

    @step
    async def sweep(self, run: Run[SweepLocation, NoMemo]) -> Move:
        async with run.reading() as session:
            locations = LocationRepository(session)
            location = await locations.find(run.args.location_id)
            # A job notes the id of its upload in its memo before the first part, whatever the memo's shape.
            keep = frozenset(text for memo in await locations.memos_of_live_jobs() for text in _texts(memo))
        if location is None or location.state == LocationState.DELETED:
            return done(aborted=0, failed=0, kept=0)
        store = await open_store(self.runtime.stores, self.runtime.key_ring, location)
        swept = await sweep(store, "", older_than=self.runtime.clock() - FORGOTTEN_AFTER, keep=keep)
        if swept.failed:
            await run.warn(f"{len(swept.failed)} uploads could not be aborted; the next sweep tries again.")
        return done(aborted=len(swept.aborted), failed=len(swept.failed), kept=swept.kept)


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for member in value.values():
                yield from _texts(member)
        case list():
            for member in value:
                yield from _texts(member)
