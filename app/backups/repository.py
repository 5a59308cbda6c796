"""Backups and their copies looked up and moved."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, column, exists, func, table, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.backups.models import Backup, BackupCopy, BackupManifest, BackupState, CopyState
from app.backups.schemas import BackupFilter
from app.locations.manifest import Manifest

GOOD = frozenset({BackupState.AVAILABLE, BackupState.PARTIAL})

# A table of a sibling, which must not be imported.
_restore = table("restore", column("id", Uuid), column("backup_id", Uuid), column("state"))


@dataclass(frozen=True, slots=True)
class BackupRepository:
    session: AsyncSession

    async def get(self, backup_id: UUID, projects: frozenset[UUID] | None, *, change: bool = False) -> Backup | None:
        """``projects``: those the caller may see, None for all. Deleted backups are found: what they were is history."""
        query = select(Backup).where(Backup.id == backup_id)
        if projects is not None:
            query = query.where(col(Backup.project_id).in_(projects))
        if change:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self.session.exec(query)).one_or_none()

    async def find(self, backup_ids: Collection[UUID]) -> Sequence[Backup]:
        """Of whatever project, in the order of their ids: for steps."""
        query = select(Backup).where(col(Backup.id).in_(backup_ids)).order_by(col(Backup.id))
        return (await self.session.exec(query.execution_options(populate_existing=True))).all()

    async def of_set(self, set_id: UUID) -> Sequence[Backup]:
        """In the order in which they were asked for."""
        query = select(Backup).where(Backup.set_id == set_id).order_by(col(Backup.id))
        return (await self.session.exec(query.execution_options(populate_existing=True))).all()

    async def dumped(self, backup_ids: Collection[UUID]) -> set[UUID]:
        """Those whose archive is complete."""
        query = select(BackupManifest.backup_id).where(col(BackupManifest.backup_id).in_(backup_ids))
        return set((await self.session.exec(query)).all())

    async def page(
        self, wanted: BackupFilter, projects: frozenset[UUID] | None, *, before: UUID | None, limit: int
    ) -> Sequence[Backup]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(Backup).order_by(col(Backup.id).desc()).limit(limit)
        if projects is not None:
            query = query.where(col(Backup.project_id).in_(projects))
        if before is not None:
            query = query.where(col(Backup.id) < before)
        if wanted.state:
            query = query.where(col(Backup.state).in_(wanted.state))
        else:
            query = query.where(Backup.state != BackupState.DELETED)
        for column_, value in (
            (Backup.project_id, wanted.project_id),
            (Backup.database_id, wanted.database_id),
            (Backup.set_id, wanted.set_id),
        ):
            if value is not None:
                query = query.where(col(column_) == value)
        return (await self.session.exec(query)).all()

    async def copies(self, backup_ids: Collection[UUID]) -> dict[UUID, list[BackupCopy]]:
        query = select(BackupCopy).where(col(BackupCopy.backup_id).in_(backup_ids))
        found: dict[UUID, list[BackupCopy]] = {backup_id: [] for backup_id in backup_ids}
        for copy in await self.session.exec(query.execution_options(populate_existing=True)):
            found[copy.backup_id].append(copy)
        return found

    async def lying_in(self, location_id: UUID) -> list[UUID]:
        """Backups of which something is there, or was to be."""
        query = select(BackupCopy.backup_id).where(
            BackupCopy.location_id == location_id, BackupCopy.state != CopyState.DELETED
        )
        return sorted((await self.session.exec(query)).all())

    async def add(self, backups: Iterable[Backup], location_ids: Collection[UUID]) -> None:
        """With a pending copy for each location."""
        rows = list(backups)
        self.session.add_all(rows)
        await self.session.flush()
        self.session.add_all(
            BackupCopy(backup_id=row.id, location_id=location_id) for row in rows for location_id in location_ids
        )
        await self.session.flush()

    async def assign(self, set_id: UUID, job_id: UUID) -> None:
        statement = update(Backup).where(col(Backup.set_id) == set_id).values(job_id=job_id)
        await self.session.exec(statement.execution_options(synchronize_session=False))

    async def move(self, backup_id: UUID, *, frm: Collection[BackupState], to: BackupState, **values: Any) -> bool:
        """Sets the state, and ``values`` with it, if it is one of ``frm``; the caller learns whether it was."""
        statement = (
            update(Backup)
            .where(col(Backup.id) == backup_id, col(Backup.state).in_(frm))
            .values(state=to.value, revision=Backup.revision + 1, **values)
            .execution_options(synchronize_session=False)
        )
        return bool((await self.session.exec(statement)).rowcount)

    async def move_copies(
        self,
        backup_id: UUID,
        *,
        frm: Collection[CopyState],
        to: CopyState,
        location_id: UUID | None = None,
        **values: Any,
    ) -> bool:
        """Of one location, or of all of them; whether any was in one of the states ``frm``."""
        statement = (
            update(BackupCopy)
            .where(col(BackupCopy.backup_id) == backup_id, col(BackupCopy.state).in_(frm))
            .values(state=to.value, **values)
            .execution_options(synchronize_session=False)
        )
        if location_id is not None:
            statement = statement.where(col(BackupCopy.location_id) == location_id)
        moved = bool((await self.session.exec(statement)).rowcount)
        if moved:  # callers see the copies as a part of the backup
            changed = update(Backup).where(col(Backup.id) == backup_id).values(revision=Backup.revision + 1)
            await self.session.exec(changed.execution_options(synchronize_session=False))
        return moved

    async def manifest(self, backup_id: UUID) -> Manifest | None:
        row = await self.session.get(BackupManifest, backup_id, populate_existing=True)
        return None if row is None else Manifest.model_validate(row.manifest)

    async def keep_manifest(self, manifest: Manifest) -> None:
        document = manifest.model_dump(mode="json")
        statement = insert(BackupManifest).values(backup_id=manifest.backup_id, manifest=document)
        await self.session.exec(
            statement.on_conflict_do_update(index_elements=["backup_id"], set_={"manifest": document})
        )

    async def has_other_good(self, backup: Backup, *, newer: bool = False) -> bool:
        """Whether another backup of the same logical database is good and lies somewhere; ``newer``: taken after it."""
        lies_somewhere = exists().where(
            col(BackupCopy.backup_id) == Backup.id, col(BackupCopy.state) == CopyState.AVAILABLE
        )
        query = select(Backup.id).where(
            col(Backup.database_id) == backup.database_id,
            col(Backup.logical_database) == backup.logical_database,
            col(Backup.state).in_(GOOD),
            col(Backup.id) > backup.id if newer else col(Backup.id) != backup.id,  # ids grow with time
            lies_somewhere,
        )
        return (await self.session.exec(query.limit(1))).first() is not None

    async def reading_restore(self, backup_id: UUID) -> UUID | None:
        """A restore that has not ended and needs the backup's objects."""
        query = (
            select(_restore.c.id)
            .where(_restore.c.backup_id == backup_id, _restore.c.state.in_(("pending", "running")))
            .limit(1)
        )
        found: UUID | None = (await self.session.exec(query)).one_or_none()
        return found

    async def now(self) -> datetime:
        return (await self.session.exec(select(func.now()))).one()
