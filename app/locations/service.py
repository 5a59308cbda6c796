"""What callers may do with locations. The network comes before each of these calls, never during one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.db.uniqueness import guarded
from app.events.alerts import clear_alert, open_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.jobs.scheduler import drop_schedule, put_schedule
from app.kit.clock import Clock
from app.kit.etags import require_match
from app.kit.ids import encode_id
from app.kit.sealing import KeyRing
from app.locations.access import seal_secret
from app.locations.errors import (
    LocationExists,
    LocationInUse,
    LocationNamed,
    LocationNotFound,
    NameTaken,
    ProjectUnknown,
)
from app.locations.models import Location, LocationState
from app.locations.repository import LocationRepository
from app.locations.schemas import LocationCreate, LocationUpdate, SweepLocation
from app.storage.probe import CLOCK_SKEW_WARNING_SECONDS, ProbeReport

SWEEP_CRON = "0 * * * *"
SWEEP_JITTER_SECONDS = 3000
_ALERTS = (AlertType.STORAGE_CLOCK_SKEW, AlertType.BACKUP_COPY_FAILED, AlertType.BACKUP_COPY_DELETION_FAILED)


@dataclass(frozen=True, slots=True)
class LocationService:
    session: AsyncSession
    key_ring: KeyRing
    clock: Clock

    async def prepare(self, wish: LocationCreate, caller: Principal) -> Location:
        """The row as ``create`` will take it, not stored yet, so that its place can be tried out first.

        Raises ProjectUnknown.
        """
        await self._hold_project(wish.project_id, caller)
        location = Location(
            **wish.model_dump(mode="json", exclude={"secret_access_key", "project_id"}),
            project_id=wish.project_id,
            secret_key_sealed=b"",
            created_by=caller.actor,
        )
        location.secret_key_sealed = seal_secret(location, wish.secret_access_key, self.key_ring)
        return location

    async def create(self, location: Location, report: ProbeReport, caller: Principal) -> Location:
        """Raises NameTaken, LocationExists, ProjectUnknown."""
        await self._hold_project(location.project_id, caller)
        locations = LocationRepository(self.session)
        location.is_default = location.is_default or await locations.default_of(location.project_id) is None
        if location.is_default:
            await locations.clear_default(location.project_id)
        await self._passed(location, report)
        async with guarded(self.session, _taken(location)):
            self.session.add(location)
        await put_schedule(
            self.session,
            owner=_sweep_owner(location.id),
            kind=SweepLocation.kind,
            args=SweepLocation(location_id=location.id).model_dump(mode="json"),
            cron=SWEEP_CRON,
            jitter_bound_seconds=SWEEP_JITTER_SECONDS,
            now=self.clock(),
            project_id=location.project_id,
        )
        self._record("create_location", "location.created", location, caller)
        return location

    async def get(self, location_id: UUID, caller: Principal) -> Location:
        """Raises LocationNotFound, also for a location of a project that the caller does not cover."""
        location = await LocationRepository(self.session).get(location_id, caller.project_ids)
        if location is None:
            raise LocationNotFound(location_id)
        return location

    async def candidate(
        self, location_id: UUID, wish: LocationUpdate, caller: Principal, *, if_match: str | None
    ) -> Location | None:
        """The location with the new credentials, not to be stored, for a probe; None when they stay as they are."""
        location = await self.get(location_id, caller)
        require_match(if_match, location.revision)
        if wish.secret_access_key is None:
            return None
        self.session.expunge(location)
        self._take_credentials(location, wish)
        return location

    async def update(
        self,
        location_id: UUID,
        wish: LocationUpdate,
        caller: Principal,
        *,
        if_match: str | None,
        report: ProbeReport | None,
    ) -> Location:
        """``report`` is of the probe with the new credentials, if there are any. Raises NameTaken, PreconditionFailed."""
        if wish.is_default:
            # Before the row itself: two requests for two defaults would wait for each other's row.
            await self._hold_project((await self.get(location_id, caller)).project_id, caller)
        location = await self._locked(location_id, caller)
        require_match(if_match, location.revision)
        if wish.is_default and not location.is_default:
            await LocationRepository(self.session).clear_default(location.project_id)
        changed = wish.model_dump(
            include={"name", "is_default", "max_parts", "max_upload_bytes_per_second"}, exclude_none=True
        )
        if changed.get("max_upload_bytes_per_second") == 0:
            changed["max_upload_bytes_per_second"] = None
        async with guarded(self.session, {"uq_location_project_id_name": NameTaken(wish.name or location.name)}):
            location.sqlmodel_update(changed)
            location.revision += 1
        if report is not None:
            self._take_credentials(location, wish)
            await self._passed(location, report)
            changed["credentials"] = True
        self._record("update_location", "location.updated", location, caller, changed=sorted(changed))
        return location

    async def record_probe(
        self, location_id: UUID, report: ProbeReport | None, error: dict[str, Any] | None, caller: Principal
    ) -> None:
        """Keeps what a probe found. Raises LocationNotFound when the location was deleted meanwhile."""
        location = await self._locked(location_id, caller)
        if report is not None:
            await self._passed(location, report)
        else:
            location.state, location.probed_at, location.probe_error = LocationState.UNREACHABLE, self.clock(), error
        location.revision += 1
        _audit(self.session, "probe_location", location, caller, {"passed": report is not None})

    async def delete(self, location_id: UUID, caller: Principal) -> None:
        """Forgets the place and its secret; what lies there stays. Raises LocationInUse, LocationNamed."""
        location = await self._locked(location_id, caller)
        copies = await LocationRepository(self.session).live_copies(location_id)
        if copies:
            raise LocationInUse(copies)
        if named := await LocationRepository(self.session).policies_naming(location_id):
            raise LocationNamed(named)
        location.state, location.deleted_at = LocationState.DELETED, self.clock()
        location.is_default = False
        location.secret_key_sealed = b""
        location.revision += 1
        await drop_schedule(self.session, _sweep_owner(location.id))
        about = encode_id("loc", location.id)
        for kind in _ALERTS:
            await clear_alert(self.session, kind, about, reason="the location was deleted")
        self._record("delete_location", "location.deleted", location, caller)

    async def _locked(self, location_id: UUID, caller: Principal) -> Location:
        location = await LocationRepository(self.session).get(location_id, caller.project_ids, change=True)
        if location is None:
            raise LocationNotFound(location_id)
        return location

    async def _hold_project(self, project_id: UUID, caller: Principal) -> None:
        known = caller.may_see(project_id) and await LocationRepository(self.session).hold_project(project_id)
        if not known:
            raise ProjectUnknown(project_id)

    def _take_credentials(self, location: Location, wish: LocationUpdate) -> None:
        assert wish.secret_access_key is not None
        location.access_key_id = wish.access_key_id or location.access_key_id
        location.secret_key_sealed = seal_secret(location, wish.secret_access_key, self.key_ring)

    async def _passed(self, location: Location, report: ProbeReport) -> None:
        location.state, location.probed_at, location.probe_error = LocationState.AVAILABLE, self.clock(), None
        location.capabilities = {
            "honours_if_none_match": report.honours_if_none_match,
            "lists_uploads": report.lists_uploads,
            "keeps_versions": report.keeps_versions,
            "object_lock": report.object_lock,
            "sse": report.sse,
        }
        about, skew = encode_id("loc", location.id), report.clock_skew_seconds
        if abs(skew) <= CLOCK_SKEW_WARNING_SECONDS:
            await clear_alert(self.session, AlertType.STORAGE_CLOCK_SKEW, about, reason="the clocks agree")
            return
        await open_alert(
            self.session,
            AlertType.STORAGE_CLOCK_SKEW,
            about,
            title=f"The clock here and that of {location.name} are {abs(skew):.0f} s apart",
            detail="Stores refuse requests signed more than 15 minutes off. Synchronise this machine's clock, then probe again.",
            project_id=location.project_id,
            skew_seconds=round(skew, 1),
        )

    def _record(self, action: str, event: str, location: Location, caller: Principal, **details: Any) -> None:
        _audit(self.session, action, location, caller, {"name": location.name, **details})
        subject = encode_id("loc", location.id)
        emit(self.session, event, project_id=location.project_id, subject_id=subject, name=location.name, **details)


def _audit(
    session: AsyncSession, action: str, location: Location, caller: Principal, details: Mapping[str, Any]
) -> None:
    audit(
        session,
        caller,
        action,
        target_type="location",
        target_id=encode_id("loc", location.id),
        project_id=location.project_id,
        details=details,
    )


def _sweep_owner(location_id: UUID) -> str:
    return f"location:{location_id}:sweep"


def _taken(location: Location) -> dict[str, NameTaken | LocationExists]:
    return {
        "uq_location_project_id_name": NameTaken(location.name),
        "uq_location_place": LocationExists(location.endpoint_url, location.bucket, location.prefix),
    }
