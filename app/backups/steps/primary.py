"""Which location a dump is streamed to, and what becomes of the choice when that one fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.backups.errors import ArchiveOutgrown, LocationRequired, PrimaryFailed
from app.errors import Problem
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.locations.access import open_store
from app.locations.models import Location, LocationState
from app.locations.repository import LocationRepository
from app.runtime import Runtime
from app.storage import errors as storage_errors
from app.storage.pump import MOST_PART_BYTES
from app.storage.store import ObjectStore

OF_THE_LOCATION: Final = (
    storage_errors.EndpointForbidden,
    storage_errors.StoreUnreachable,
    storage_errors.StoreFailed,
    storage_errors.StoreFull,
    storage_errors.BucketMissing,
    storage_errors.AccessDenied,
    storage_errors.ClockSkewed,
    storage_errors.RequestRefused,
    storage_errors.UploadGone,
    storage_errors.UploadFailed,
)

_GROWTH: Final = 4


@dataclass(frozen=True, slots=True)
class Primary:
    location: Location
    store: ObjectStore


async def choose_primary(
    runtime: Runtime, run: Run[Any, Any], wanted: Sequence[UUID], failed: Sequence[UUID]
) -> Primary:
    """The first of ``wanted`` that has not failed this job; one whose last probe failed only when no other is left."""
    async with run.reading() as session:
        locations = LocationRepository(session)
        found = [await locations.find(location_id) for location_id in wanted]
    usable = [one for one in found if one is not None and one.state != LocationState.DELETED and one.id not in failed]
    if not usable:
        raise LocationRequired
    location = min(usable, key=lambda one: one.state != LocationState.AVAILABLE)
    return Primary(location, await open_store(runtime.stores, runtime.key_ring, location))


def primary_failed(problem: Problem, primary: Primary, wanted: Sequence[UUID], failed: list[UUID]) -> Problem:
    """What to raise instead of ``problem``; when the location is to blame, ``failed`` has it from now on.

    When each of them has failed, all get another chance in the next attempt.
    """
    if not isinstance(problem, OF_THE_LOCATION):
        return problem
    failed.append(primary.location.id)
    left = [location_id for location_id in wanted if location_id not in failed]
    if not left:
        failed.clear()
        return problem
    return PrimaryFailed(
        f"{encode_id('loc', primary.location.id)} failed: {problem.detail} The dump begins again, to the next location.",
        cause=problem.document(),
    )


def part_grown(problem: storage_errors.UploadTooLarge, part_bytes: dict[UUID, int], backup_id: UUID) -> Problem:
    """What to raise instead of ``problem``: the next attempt has larger parts, as long as there are larger ones."""
    size: int = problem.members["part_bytes"]
    if size >= MOST_PART_BYTES:
        return problem
    part_bytes[backup_id] = min(_GROWTH * size, MOST_PART_BYTES)
    return ArchiveOutgrown(
        f"The archive is larger than was estimated: {problem.detail} The dump begins again, with parts of "
        f"{part_bytes[backup_id]} bytes."
    )
