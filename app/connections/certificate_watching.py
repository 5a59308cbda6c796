"""The look at every server's certificate now and then, by a worker that gets there."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import or_
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from app.connections.certificates import keep, see
from app.connections.models import Certificate
from app.databases.models import Database, DatabaseState
from app.databases.reach import Reach, is_reached_from_here
from app.errors import Problem
from app.kit.ids import encode_id
from app.runtime import Runtime

log = structlog.get_logger()

LOOK_AGAIN: Final = timedelta(minutes=5)  # for so long a renewed certificate may be refused
AT_ONCE: Final = 20
SECONDS_OF_A_LOOK: Final = 20.0
# A server whose renewed certificate nobody trusts yet is out of reach until somebody looks at it.
_LOOKED_AT: Final = (
    DatabaseState.AVAILABLE,
    DatabaseState.UPDATING,
    DatabaseState.RESTARTING,
    DatabaseState.UNREACHABLE,
)


async def watch_certificates(runtime: Runtime) -> None:
    """To be called every minute. More than one process may do so at once; what one has claimed the others leave."""
    async with asyncio.TaskGroup() as tasks:
        for database, row in await _claim(runtime):
            tasks.create_task(_look(runtime, database, row))


async def has_renewed(runtime: Runtime, database: Database) -> bool:
    """For a job whose login failed for TLS after a restart: whether the row has another pin or mode now, to try again by."""
    async with runtime.reads() as session:
        row = await session.get(Certificate, database.id)
    if row is None or row.pinned_by is None:
        return False
    await _look(runtime, database, row)
    async with runtime.reads() as session:
        after = await session.get_one(Database, database.id)
    return (after.ca_pem, after.tls_mode) != (database.ca_pem, database.tls_mode)


async def _claim(runtime: Runtime) -> Sequence[tuple[Database, Certificate | None]]:
    """Each with its row as it was before."""
    async with runtime.sessions() as session, session.begin():
        now = runtime.clock()
        query = (
            select(Database, Certificate)
            .outerjoin(Certificate, col(Certificate.database_id) == col(Database.id))
            .where(
                col(Database.state).in_(_LOOKED_AT),
                or_(col(Database.host_id).is_(None), col(Database.host_id) == runtime.host_id),
                or_(
                    col(Database.reach).is_(None),
                    col(Database.reach).in_((Reach.PRIVATE, Reach.PUBLIC)),
                    col(Database.worker_label) == runtime.settings.worker.label,
                ),
                or_(col(Certificate.look_at).is_(None), col(Certificate.look_at) <= now),
            )
            .order_by(col(Certificate.look_at).nulls_first(), col(Database.id))
            .limit(AT_ONCE)
            .with_for_update(of=Database, skip_locked=True)
        )
        rows: Sequence[tuple[Database, Certificate | None]] = (await session.exec(query)).all()
        found = [(database, row) for database, row in rows if is_reached_from_here(database, runtime)]
        for database, row in found:
            claimed = Certificate(database_id=database.id) if row is None else row
            claimed.look_at = now + LOOK_AGAIN  # also if this process dies meanwhile
            session.add(claimed)
    return found


async def _look(runtime: Runtime, database: Database, row: Certificate | None) -> None:
    """What keeps one back keeps back no other, and ends nothing: it comes again."""
    try:
        async with asyncio.timeout(SECONDS_OF_A_LOOK):
            seen = await see(runtime, database, row)
        async with runtime.sessions() as session, session.begin():
            await keep(session, runtime.clock(), database.id, seen)
    except (Problem, TimeoutError, SQLAlchemyError, OSError) as error:
        log.warning("certificate.not_seen", database_id=encode_id("db", database.id), error=type(error).__name__)
