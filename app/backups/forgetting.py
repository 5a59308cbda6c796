"""Giving up a location that is lost for good: what lay there counts no more, and nobody tries to delete it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.backups.copy_rows import forget_if_gone, hold, judge, require_idle
from app.backups.errors import BackupStateInvalid, ForgettingUnconfirmed
from app.backups.models import Backup, BackupState, CopyState
from app.backups.repository import GOOD, BackupRepository
from app.backups.schemas import LocationForgotten
from app.kit.ids import encode_id
from app.locations.errors import LocationInUse, LocationNotFound
from app.locations.repository import LocationRepository
from app.locations.service import LocationService
from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class ForgetService:
    session: AsyncSession
    runtime: Runtime

    async def forget(self, location_id: UUID, caller: Principal, *, confirm: str) -> LocationForgotten:
        """Calls no store. Raises LocationNotFound, LocationNamed, LocationInUse, ForgettingUnconfirmed, and whatever works
        with a backup that lies there.
        """
        caller.require(Scope.LOCATIONS_WRITE)
        backups, locations = BackupRepository(self.session), LocationRepository(self.session)
        if await locations.get(location_id, caller.project_ids) is None:
            raise LocationNotFound(location_id)
        # Backups before the location, in the order of whoever copies one there.
        held = [
            one for backup_id in await backups.lying_in(location_id) if (one := await hold(self.session, backup_id))
        ]
        location = await locations.get(location_id, caller.project_ids, change=True)
        if location is None:
            raise LocationNotFound(location_id)
        if late := set(await backups.lying_in(location_id)) - {one.id for one in held}:
            raise LocationInUse(len(late))
        forgotten = LocationForgotten(
            location_id=location_id, copies=len(held), lost=await self._lost(held, location_id)
        )
        if confirm != encode_id("loc", location_id):
            raise ForgettingUnconfirmed(location_id, copies=forgotten.copies, lost=forgotten.lost)
        for backup in held:
            await self._give_up(backup, location_id)
        await locations.give_up_files(location_id)
        audit(
            self.session,
            caller,
            "forget_location",
            target_type="location",
            target_id=encode_id("loc", location_id),
            project_id=location.project_id,
            details=forgotten.model_dump(mode="json"),
        )
        await LocationService(self.session, self.runtime.key_ring, self.runtime.clock).delete(location_id, caller)
        return forgotten

    async def _lost(self, held: Sequence[Backup], location_id: UUID) -> int:
        copies = await BackupRepository(self.session).copies([backup.id for backup in held])
        elsewhere = {
            backup_id
            for backup_id, found in copies.items()
            if any(copy.state == CopyState.AVAILABLE and copy.location_id != location_id for copy in found)
        }
        return sum(backup.state in GOOD and backup.id not in elsewhere for backup in held)

    async def _give_up(self, backup: Backup, location_id: UUID) -> None:
        if backup.state == BackupState.CREATING:
            raise BackupStateInvalid(backup.id, backup.state, "given up; wait for its job, or cancel it")
        await require_idle(self.session, backup)
        await BackupRepository(self.session).move_copies(
            backup.id,
            frm=frozenset(CopyState) - {CopyState.DELETED},
            to=CopyState.DELETED,
            location_id=location_id,
            retained_until=None,
            lock_mode=None,
            error=None,
        )
        if not await forget_if_gone(self.session, backup, None):
            await judge(self.session, backup.id)
