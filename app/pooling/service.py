"""Wishes about a pooler as rows, with the job that makes the process follow them, and the trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.connections.models import Pool, Pooler, PoolerState
from app.connections.poolers import pools_of
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState, ProviderName
from app.jobs.contract import JobArgs
from app.jobs.enqueue import Target, enqueue
from app.jobs.models import Job
from app.kit.etags import require_match
from app.kit.ids import encode_id
from app.kit.sealing import KeyRing
from app.pooling.errors import PoolerNotFound, PoolerStateInvalid, PoolNotFound, PoolsFixed
from app.pooling.processes import seal_new_passwords
from app.pooling.repository import PoolerRepository
from app.pooling.schemas import (
    ApplyPooler,
    AttachPooler,
    DetachPooler,
    PoolerOptions,
    PoolPatch,
    PoolPut,
    RemovePooler,
)
from app.pooling.wishes import as_patched, as_put, first_pool
from app.providers.protocol import NotSupported

_CHANGEABLE: Final = frozenset({DatabaseState.AVAILABLE, DatabaseState.UNREACHABLE})
_STEADY: Final = frozenset({PoolerState.RUNNING, PoolerState.STOPPED})


@dataclass(frozen=True, slots=True)
class PoolingService:
    session: AsyncSession
    now: datetime

    async def get(self, database_id: UUID, caller: Principal, *, change: bool = False) -> tuple[Database, Pooler]:
        """Raises DatabaseNotFound, PoolerNotFound."""
        database = await visible_database(self.session, database_id, caller)
        pooler = await PoolerRepository(self.session).live(database.id, change=change)
        if pooler is None:
            raise PoolerNotFound(database.id)
        return database, pooler

    async def pool(self, database_id: UUID, name: str, caller: Principal) -> Pool:
        _, pooler = await self.get(database_id, caller)
        pool = await PoolerRepository(self.session).pool(pooler.id, name)
        if pool is None:
            raise PoolNotFound(name)
        return pool

    async def put(
        self, database_id: UUID, options: PoolerOptions, caller: Principal, key_ring: KeyRing, *, if_match: str | None
    ) -> tuple[Pooler, Job]:
        """Raises DatabaseNotFound, NotSupported, DatabaseStateInvalid, PoolerStateInvalid, PreconditionFailed."""
        database = await visible_database(self.session, database_id, caller)
        require_poolable(database)
        applying = AttachPooler if _is_at_railway(database) else ApplyPooler
        job = await self._enqueue(applying(database_id=database.id), database, caller)
        if database.state not in _CHANGEABLE:
            raise DatabaseStateInvalid(database.id, database.state, "given a pooler")
        pooler = await PoolerRepository(self.session).live(database.id, change=True)
        require_match(if_match, pooler.revision if pooler else 0)
        if pooler is None:
            pooler = await self._new(database, options, caller, key_ring)
        elif pooler.state == PoolerState.DELETING:
            raise PoolerStateInvalid(pooler.state, "changed")
        else:
            pooler.options = options.model_dump(mode="json")
            if pooler.state == PoolerState.FAILED:
                pooler.state, pooler.state_reason = PoolerState.CREATING, None
            self._changed(pooler)
            if _is_at_railway(database):
                await self._follow_options(pooler, options)
        await self.session.flush()
        await self.session.refresh(pooler)
        self._audit(caller, "put_pooler", database, options=options.model_dump(mode="json"))
        return pooler, job

    async def remove(self, database_id: UUID, caller: Principal) -> tuple[Pooler, Job]:
        database, pooler = await self.get(database_id, caller, change=True)
        removing = DetachPooler if _is_at_railway(database) else RemovePooler
        job = await self._enqueue(removing(database_id=database.id), database, caller)
        await PoolerRepository(self.session).move(
            pooler.id, frm=[*_STEADY, PoolerState.FAILED], to=PoolerState.DELETING, job_id=job.id
        )
        await self.session.refresh(pooler)
        if pooler.state != PoolerState.DELETING:
            raise PoolerStateInvalid(pooler.state, "deleted")
        self._audit(caller, "delete_pooler", database)
        return pooler, job

    async def put_pool(
        self, database_id: UUID, name: str, wish: PoolPut, caller: Principal, *, if_match: str | None
    ) -> tuple[Pool, Job]:
        """Raises DatabaseNotFound, PoolerNotFound, PoolerStateInvalid, PreconditionFailed."""
        database, pooler, job = await self._steady(database_id, caller)
        before = await PoolerRepository(self.session).pool(pooler.id, name, change=True)
        require_match(if_match, before.revision if before else 0)
        return await self._replace(database, before, as_put(pooler, name, wish, before), caller, "put_pool"), job

    async def patch_pool(
        self, database_id: UUID, name: str, wish: PoolPatch, caller: Principal, *, if_match: str | None
    ) -> tuple[Pool, Job]:
        """Raises DatabaseNotFound, PoolerNotFound, PoolNotFound, PoolerStateInvalid, PreconditionFailed."""
        database, pooler, job = await self._steady(database_id, caller)
        before = await PoolerRepository(self.session).pool(pooler.id, name, change=True)
        if before is None:
            raise PoolNotFound(name)
        require_match(if_match, before.revision)
        return await self._replace(database, before, as_patched(wish, before), caller, "update_pool"), job

    async def remove_pool(self, database_id: UUID, name: str, caller: Principal) -> tuple[Pool, Job]:
        database, pooler, job = await self._steady(database_id, caller)
        pool = await PoolerRepository(self.session).pool(pooler.id, name, change=True)
        if pool is None:
            raise PoolNotFound(name)
        await self.session.delete(pool)
        await self.session.flush()
        self._audit(caller, "delete_pool", database, pool=name)
        return pool, job

    async def _steady(self, database_id: UUID, caller: Principal) -> tuple[Database, Pooler, Job]:
        database, pooler = await self.get(database_id, caller)
        require_own_pools(database)
        job = await self._enqueue(ApplyPooler(database_id=database.id), database, caller)
        await self.session.refresh(pooler, with_for_update=True)
        if pooler.state not in _STEADY:
            raise PoolerStateInvalid(pooler.state, "changed")
        return database, pooler, job

    async def _replace(
        self, database: Database, before: Pool | None, now: Pool, caller: Principal, action: str
    ) -> Pool:
        if before is None:
            self.session.add(now)
        else:
            for name in ("logical_database", "mode", "size", "reserve", "min_size", "max_db_connections"):
                setattr(before, name, getattr(now, name))
            before.revision += 1
            before.updated_at = self.now
            now = before
        await self.session.flush()
        await self.session.refresh(now)
        details = now.model_dump(include={"mode", "size", "reserve", "min_size", "max_db_connections"})
        self._audit(caller, action, database, pool=now.name, **details)
        return now

    async def _new(self, database: Database, options: PoolerOptions, caller: Principal, key_ring: KeyRing) -> Pooler:
        pooler = new_pooler(database, options, created_by=caller.actor)
        if not _is_at_railway(database):  # whose pooler asks by the database's own login
            seal_new_passwords(pooler, key_ring)
        self.session.add(pooler)
        await self.session.flush()
        assert database.default_database is not None
        self.session.add(first_pool(pooler, database.default_database))
        return pooler

    async def _follow_options(self, pooler: Pooler, options: PoolerOptions) -> None:
        """The one row there stands for every pool of it, which have the pooler's mode and size."""
        for pool in await pools_of(self.session, pooler.id):
            if (pool.mode, pool.size) != (options.pool_mode, options.default_pool_size):
                pool.mode, pool.size = options.pool_mode, options.default_pool_size
                pool.revision, pool.updated_at = pool.revision + 1, self.now

    def _changed(self, pooler: Pooler) -> None:
        pooler.revision += 1
        pooler.updated_at = self.now

    async def _enqueue(self, args: JobArgs, database: Database, caller: Principal) -> Job:
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(database.id)],
            project_id=database.project_id,
            subject_id=encode_id("db", database.id),
            request_id=current_request_id(),
        )
        return enqueued.job

    def _audit(self, caller: Principal, action: str, database: Database, **details: object) -> None:
        audit_of(self.session, caller, action, database, **details)


def audit_of(session: AsyncSession, caller: Principal, action: str, database: Database, **details: object) -> None:
    audit(
        session,
        caller,
        action,
        target_type="database",
        target_id=encode_id("db", database.id),
        project_id=database.project_id,
        details={"name": database.name, **details},
    )


def new_pooler(database: Database, options: PoolerOptions, *, created_by: str) -> Pooler:
    return Pooler(
        project_id=database.project_id,
        database_id=database.id,
        host_id=None if _is_at_railway(database) else database.host_id,
        options=options.model_dump(mode="json"),
        created_by=created_by,
    )


def require_poolable(database: Database) -> None:
    """Raises NotSupported."""
    if database.provider not in (ProviderName.LOCAL, ProviderName.RAILWAY):
        raise NotSupported(database.provider, "given a pooler")


def require_own_pools(database: Database) -> None:
    """Raises PoolsFixed."""
    if _is_at_railway(database):
        raise PoolsFixed


def _is_at_railway(database: Database) -> bool:
    return database.provider == ProviderName.RAILWAY
