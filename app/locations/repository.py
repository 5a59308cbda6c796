"""Locations looked up, and what outside this domain stands for or against them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Uuid, and_, column, func, or_, table, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.jobs.models import Job
from app.jobs.states import LIVE
from app.kit.ids import encode_id
from app.locations.models import Location, LocationState

# Tables of higher layers, which this one must not import.
_project = table("project", column("id", Uuid), column("deleted_at"))
_backup_copy = table("backup_copy", column("location_id", Uuid), column("state"), column("error", JSONB))
_import = table(
    "import",
    column("location_id", Uuid),
    column("state"),
    column("source_kind"),
    column("backup_id", Uuid),
    column("deleted_at"),
    column("revision", Integer),
)
_policy = table("backup_policy", column("database_id", Uuid), column("rules", JSONB))
_database = table("database", column("id", Uuid), column("state"))
_export = table(
    "export", column("location_id", Uuid), column("state"), column("deleted_at"), column("revision", Integer)
)


@dataclass(frozen=True, slots=True)
class LocationRepository:
    session: AsyncSession

    async def get(
        self, location_id: UUID, projects: frozenset[UUID] | None, *, hold: bool = False, change: bool = False
    ) -> Location | None:
        """``projects``: those the caller may see, None for all.

        ``hold`` keeps it from being deleted until the transaction ends, for whoever is about to refer to it;
        ``change`` also keeps others from changing it.
        """
        query = select(Location).where(Location.id == location_id, Location.state != LocationState.DELETED)
        if projects is not None:
            query = query.where(col(Location.project_id).in_(projects))
        if hold or change:
            query = query.with_for_update(read=hold, key_share=hold).execution_options(populate_existing=True)
        return (await self.session.exec(query)).one_or_none()

    async def find(self, location_id: UUID) -> Location | None:
        """Deleted ones too, and of whatever project: for steps and for what refers to it."""
        return await self.session.get(Location, location_id)

    async def default_of(self, project_id: UUID, *, hold: bool = False) -> Location | None:
        query = select(Location).where(
            Location.project_id == project_id, col(Location.is_default), Location.state != LocationState.DELETED
        )
        if hold:
            query = query.with_for_update(read=True, key_share=True)
        return (await self.session.exec(query)).one_or_none()

    async def page(
        self, projects: frozenset[UUID] | None, *, project_id: UUID | None, before: UUID | None, limit: int
    ) -> Sequence[Location]:
        """Newest first; ``before`` is the last id of the page before."""
        query = select(Location).where(Location.state != LocationState.DELETED)
        if projects is not None:
            query = query.where(col(Location.project_id).in_(projects))
        if project_id is not None:
            query = query.where(Location.project_id == project_id)
        if before is not None:
            query = query.where(col(Location.id) < before)
        return (await self.session.exec(query.order_by(col(Location.id).desc()).limit(limit))).all()

    async def hold_project(self, project_id: UUID) -> bool:
        """Whether there is such a project; no other transaction changes its set of locations until this one ends."""
        query = (
            select(_project.c.id)
            .where(_project.c.id == project_id, _project.c.deleted_at.is_(None))
            .with_for_update(key_share=True)
        )
        return (await self.session.exec(query)).first() is not None

    async def clear_default(self, project_id: UUID) -> None:
        statement = (
            update(Location)
            .where(col(Location.project_id) == project_id, col(Location.is_default))
            .values(is_default=False, revision=Location.revision + 1)
            .execution_options(synchronize_session=False)
        )
        await self.session.exec(statement)

    async def live_copies(self, location_id: UUID) -> int:
        """How many copies of backups, imported and exported files have objects there, or may have."""
        copy = _backup_copy.c
        has_objects = or_(
            copy.state.not_in(("deleted", "failed")),
            and_(copy.state == "failed", copy.error["objects_left"].as_boolean()),
        )
        query = select(func.count()).select_from(_backup_copy).where(copy.location_id == location_id, has_objects)
        copies = (await self.session.exec(query)).one()
        return copies + await self._imported_files(location_id) + await self._exported_files(location_id)

    async def policies_naming(self, location_id: UUID) -> Sequence[UUID]:
        """The databases whose policies send backups there, whether they are enabled or not."""
        names_it = _policy.c.rules["location_ids"].contains([encode_id("loc", location_id)])
        query = (
            select(_policy.c.database_id)
            .join(_database, _database.c.id == _policy.c.database_id)
            .where(names_it, _database.c.state != "deleted")
            .order_by(_policy.c.database_id)
        )
        return (await self.session.exec(query)).all()

    async def give_up_files(self, location_id: UUID) -> None:
        """Exports and imported files that lie there count as deleted; those that jobs work on stay."""
        for found, lies_there in ((_export, _export.c.state.in_(("available", "deleting"))), (_import, _has_file())):
            statement = (
                update(found)
                .where(found.c.location_id == location_id, lies_there, found.c.state.not_in(("pending", "running")))
                .values(state="deleted", deleted_at=func.now(), revision=found.c.revision + 1)
            )
            await self.session.exec(statement)

    async def _imported_files(self, location_id: UUID) -> int:
        """An archive is a backup by then; what was uploaded stays when it could not be used."""
        query = select(func.count()).select_from(_import).where(_import.c.location_id == location_id, _has_file())
        return (await self.session.exec(query)).one()

    async def _exported_files(self, location_id: UUID) -> int:
        found = _export.c
        has_file = found.state.in_(("running", "available", "deleting"))
        query = select(func.count()).select_from(_export).where(found.location_id == location_id, has_file)
        return (await self.session.exec(query)).one()

    async def memos_of_live_jobs(self) -> Sequence[Any]:
        query = select(Job.memo).where(col(Job.state).in_(sorted(LIVE)), col(Job.memo).is_not(None))
        return (await self.session.exec(query)).all()


def _has_file() -> ColumnElement[bool]:
    found = _import.c
    return or_(
        found.state.in_(("awaiting_upload", "pending", "running", "deleting")),
        and_(found.state == "available", found.backup_id.is_(None)),
        and_(found.state.in_(("failed", "cancelled")), found.source_kind == "upload"),
    )
