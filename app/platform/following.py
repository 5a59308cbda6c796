"""What is seen at Railway moves our databases: their state, where they are, and the alerts about them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.databases.alerts import alert_by_state
from app.databases.models import Database, DatabaseState, NetworkOpening
from app.databases.reach import address
from app.databases.repository import DatabaseRepository
from app.events.alerts import clear_alert, open_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.events.repository import AlertRepository
from app.kit.ids import encode_id
from app.providers.railway.deployments import DOWN, UP
from app.providers.railway.observed import SeenService, SeenStatus, SeenVolume
from app.providers.railway.place import Place
from app.runtime import Runtime

# Every other state belongs to a job that is at work on the server.
_OURS: Final = frozenset({DatabaseState.AVAILABLE, DatabaseState.UNREACHABLE, DatabaseState.MISSING})
# At which share of the volume each opens. It clears a little below, so that one at the edge is one incident.
_DISK: Final = {AlertType.DATABASE_DISK_FILLING: 80.0, AlertType.DATABASE_DISK_NEARLY_FULL: 95.0}
_CLEARED_BELOW: Final = 3.0
# What was seen may be as old as that when it is followed.
_JUST_CLOSED: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    state: DatabaseState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """One database after a look: ``before`` is its row as it was when the look began."""

    before: Database
    place: Place
    verdict: Verdict | None
    service: SeenService | None


def verdict(place: Place, status: SeenStatus, *, former_runs: bool = False) -> Verdict | None:
    """What the database is by what was seen; None while it comes up or goes down, which changes nothing yet.

    ``former_runs``: the newest deployment never began, and the one before it runs on.
    """
    if place.service_id is None:
        return None
    service = status.services.get(place.service_id)
    if service is None:
        return Verdict(
            DatabaseState.MISSING,
            f"its service {place.service_name or place.service_id} is no longer in the environment "
            f"{status.environment_name} at Railway; its volume may still be there for 48 hours",
        )
    if place.volume_id is not None and service.volume is None:
        reason = "no volume is mounted at its service any more: mount it again at Railway"
        return Verdict(DatabaseState.UNREACHABLE, reason)
    if service.deployment is None:
        return Verdict(DatabaseState.UNREACHABLE, "nothing is deployed at its service: redeploy it")
    if former_runs:
        return Verdict(DatabaseState.AVAILABLE)
    for known, way_out in DOWN.items():
        if service.deployment.status == known:
            return Verdict(DatabaseState.UNREACHABLE, f"its deployment at Railway is {known}. {way_out}")
    return Verdict(DatabaseState.AVAILABLE) if service.deployment.status in UP else None


def moved(place: Place, service: SeenService | None) -> Place:
    """The place as it is now. What is not seen stays, since a look at it may help to find it again."""
    if service is None:
        return place
    seen: dict[str, str | None] = {"service_name": service.name, "image": service.image, "region": service.region}
    if service.volume is not None:
        seen |= {"volume_id": service.volume.volume_id, "volume_instance_id": service.volume.volume_instance_id}
    return place.model_copy(update={name: value for name, value in seen.items() if value is not None})


async def with_news(session: AsyncSession, sights: Sequence[Sight]) -> list[Sight]:
    """Those that something follows from. Most looks find everything as it was."""
    open_alerts = await AlertRepository(session).open_of(types=list(_DISK))
    alerted = {alert.database_id for alert in open_alerts}
    return [sight for sight in sights if sight.before.state in _OURS and _has_news(sight, alerted)]


def _has_news(sight: Sight, alerted: Collection[UUID | None]) -> bool:
    told, volume = sight.verdict, sight.service.volume if sight.service else None
    return (
        sight.place != Place.of(sight.before.provider_data)
        or (told is not None and not (told.state == sight.before.state == DatabaseState.AVAILABLE))
        or (volume is not None and volume.used_percent >= min(_DISK.values()))
        or sight.before.id in alerted
    )


async def follow(session: AsyncSession, runtime: Runtime, sight: Sight) -> None:
    """If anybody has changed the row since the look began, nothing is done: the next look will do."""
    row = await DatabaseRepository(session).get(sight.before.id, None, change=True)
    if row is None or _state_of(row) != _state_of(sight.before):
        return
    place = await _without_passing_addresses(session, row, sight.place, runtime.clock())
    if place != Place.of(row.provider_data):
        _put(session, runtime, row, place)
        await session.flush()
    if sight.verdict is not None:
        await _move(session, row, sight.verdict)
    await _watch_disk(session, row, sight.service.volume if sight.service else None)


def _state_of(row: Database) -> tuple[object, ...]:
    """With its revision: a job may have begun and ended during a look, and what was seen is of its middle."""
    return row.state, row.revision, row.provider_data


async def _without_passing_addresses(session: AsyncSession, row: Database, place: Place, now: datetime) -> Place:
    """A public address that a job has opened for itself is none of the database's."""
    passing = select(NetworkOpening.id).where(
        NetworkOpening.database_id == row.id,
        or_(col(NetworkOpening.closed_at).is_(None), col(NetworkOpening.closed_at) > now - _JUST_CLOSED),
    )
    if (await session.exec(passing.limit(1))).first() is None:
        return place
    known = Place.of(row.provider_data)
    return place.model_copy(update={"public_host": known.public_host, "public_port": known.public_port})


def _put(session: AsyncSession, runtime: Runtime, row: Database, place: Place) -> None:
    was = (row.reach, row.host, row.port)
    row.provider_data = place.data()
    address(row, runtime.settings)
    row.updated_at = runtime.clock()
    row.revision += 1
    if (row.reach, row.host, row.port) != was:
        emit(
            session,
            "database.address_changed",
            project_id=row.project_id,
            database_id=row.id,
            subject_id=encode_id("db", row.id),
            reach=row.reach,
            host=row.host,
            port=row.port,
        )


async def _move(session: AsyncSession, row: Database, told: Verdict) -> None:
    if row.state != told.state:
        frm = {DatabaseState(row.state)}
        await DatabaseRepository(session).move(row.id, frm=frm, to=told.state, state_reason=told.reason)
    elif told.state != DatabaseState.AVAILABLE:
        await alert_by_state(session, row)


async def _watch_disk(session: AsyncSession, row: Database, volume: SeenVolume | None) -> None:
    if volume is None or volume.size_mb <= 0:
        return
    about, used = encode_id("db", row.id), volume.used_percent
    for kind, level in _DISK.items():
        if used >= level:
            await open_alert(
                session,
                kind,
                about,
                title=f"The volume of {row.name} is {used:.0f} % full",
                detail=f"{volume.used_mb:.0f} of {volume.size_mb} MB are used. PostgreSQL stops when it is full: enlarge "
                f"it (POST /v1/databases/{about}:resize), or find out what grows; WAL that is kept back grows too.",
                project_id=row.project_id,
                database_id=row.id,
                used_mb=round(volume.used_mb, 1),
                size_mb=float(volume.size_mb),
                used_percent=round(used, 1),
            )
        elif used < level - _CLEARED_BELOW:
            await clear_alert(session, kind, about, reason=f"{used:.0f} % of the volume are used")
