"""Starting a copy of a database straight into another server."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.databases.access import require_reach, target_of, visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState
from app.exports.errors import ProjectMismatch, SameName
from app.exports.schemas import CopyDatabase, DatabaseCopyCreate
from app.jobs.enqueue import Target, enqueue
from app.jobs.models import Job
from app.kit.ids import encode_id
from app.postgres.transfer import clients_for
from app.runtime import Runtime


async def start_copy(
    session: AsyncSession, runtime: Runtime, source_id: UUID, wish: DatabaseCopyCreate, caller: Principal
) -> Job:
    """Raises DatabaseNotFound, DatabaseStateInvalid, ProjectMismatch, SameName, VersionUnsupported, JobConflict."""
    source = await _usable(session, source_id, caller, "copied")
    target = await _usable(session, wish.target_database_id, caller, "copied into")
    if source.project_id != target.project_id:
        raise ProjectMismatch
    name = wish.logical_database or source.default_database or ""
    if (source.id, name) == (target.id, wish.name):
        raise SameName("The copy would have the name of its source; choose another name.")
    if source.server_major is not None and target.server_major is not None:
        clients_for(
            runtime.toolchain,
            source=target_of(source, runtime.key_ring),
            source_major=source.server_major,
            target=target_of(target, runtime.key_ring),
            target_major=target.server_major,
        )
    args = CopyDatabase(
        source_id=source.id,
        source_name=name,
        target_id=target.id,
        target_name=wish.name,
        owner_mode=wish.owner_mode,
    )
    enqueued = await enqueue(
        session,
        args,
        created_by=caller.actor,
        targets=[Target(target.id, wish.name), Target(source.id, name)],
        project_id=source.project_id,
        subject_id=args.subject_id(),
        request_id=current_request_id(),
        on_conflict=wish.on_conflict,
    )
    audit(
        session,
        caller,
        "copy_database",
        target_type="database",
        target_id=encode_id("db", target.id),
        project_id=target.project_id,
        details={
            "source_id": encode_id("db", source.id),
            "source_name": name,
            "name": wish.name,
            "job_id": encode_id("job", enqueued.job.id),
        },
    )
    return enqueued.job


async def _usable(session: AsyncSession, database_id: UUID, caller: Principal, action: str) -> Database:
    database = await visible_database(session, database_id, caller)
    if database.state != DatabaseState.AVAILABLE:
        raise DatabaseStateInvalid(database.id, database.state, action)
    require_reach(database)
    return database
