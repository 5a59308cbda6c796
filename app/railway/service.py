"""What callers may do with tokens. Railway is asked before each of these calls, never during one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.db.uniqueness import guarded
from app.errors import Problem
from app.events.alerts import clear_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.jobs.contract import JobArgs
from app.jobs.scheduler import drop_schedule, put_schedule
from app.kit.etags import require_match
from app.kit.ids import encode_id, new_id
from app.providers.railway.clients import seal_token
from app.providers.railway.models import ConnectionState, RailwayConnection
from app.railway.abandoned import forget_orphans
from app.railway.capabilities import merged
from app.railway.errors import ConnectionInUse, ConnectionNotFound, NameTaken, ProjectUnknown
from app.railway.probing import ProbeReport
from app.railway.repository import ConnectionRepository, Linked
from app.railway.schemas import (
    CheckSchema,
    ConnectionCreate,
    ConnectionUpdate,
    ProbeConnection,
    SweepIntents,
)
from app.railway.standing import accepted, refused
from app.runtime import Runtime

WEEKLY: Final = "0 3 * * 1"
HOURLY: Final = "0 * * * *"
_DAYS_SECONDS: Final = 4 * 86_400
_HOUR_SECONDS: Final = 3000
SCHEMA_OWNER: Final = "railway:schema-check"
SCHEMA_SUBJECT: Final = "railway"


@dataclass(frozen=True, slots=True)
class ConnectionService:
    session: AsyncSession
    runtime: Runtime

    async def require_project(self, project_id: UUID, caller: Principal) -> None:
        """Raises ProjectUnknown."""
        if not (caller.may_see(project_id) and await ConnectionRepository(self.session).hold_project(project_id)):
            raise ProjectUnknown(project_id)

    async def create(self, wish: ConnectionCreate, report: ProbeReport, caller: Principal) -> RailwayConnection:
        """Raises NameTaken, ProjectUnknown."""
        await self.require_project(wish.project_id, caller)
        connection = RailwayConnection(
            id=new_id(),
            project_id=wish.project_id,
            name=wish.name,
            kind=report.identity.kind,
            token_sealed=b"",
            created_by=caller.actor,
        )
        self._take(connection, wish.token, report)
        connection.probed_at = self.runtime.clock()
        async with guarded(self.session, {"uq_railway_connection_project_id_name": NameTaken(wish.name)}):
            self.session.add(connection)
        probing, sweeping = ProbeConnection(connection_id=connection.id), SweepIntents(connection_id=connection.id)
        await self._schedule(_owner(probing), probing, WEEKLY, _DAYS_SECONDS, connection.project_id)
        await self._schedule(_owner(sweeping), sweeping, HOURLY, _HOUR_SECONDS, connection.project_id)
        await self._schedule(SCHEMA_OWNER, CheckSchema(), WEEKLY, _DAYS_SECONDS, None)
        self._record(
            "create_railway_connection", "railway_connection.created", connection, caller, token_kind=connection.kind
        )
        return connection

    async def get(self, connection_id: UUID, caller: Principal) -> RailwayConnection:
        """Raises ConnectionNotFound, also for one of a project that the caller does not cover."""
        connection = await ConnectionRepository(self.session).get(connection_id, caller.project_ids)
        if connection is None:
            raise ConnectionNotFound(connection_id)
        return connection

    async def to_change(self, connection_id: UUID, caller: Principal, *, if_match: str | None) -> list[Linked]:
        """What a new token must be able to read. Raises ConnectionNotFound, PreconditionFailed."""
        connection = await self.get(connection_id, caller)
        require_match(if_match, connection.revision)
        return await ConnectionRepository(self.session).linked(connection_id)

    async def update(
        self,
        connection_id: UUID,
        wish: ConnectionUpdate,
        caller: Principal,
        *,
        if_match: str | None,
        report: ProbeReport | None,
    ) -> RailwayConnection:
        """``report`` is of the probe with the new token, if there is one. Raises NameTaken, PreconditionFailed."""
        connection = await self._locked(connection_id, caller)
        require_match(if_match, connection.revision)
        changed = wish.model_dump(include={"name"}, exclude_none=True)
        name = wish.name or connection.name
        async with guarded(self.session, {"uq_railway_connection_project_id_name": NameTaken(name)}):
            connection.name = name
            connection.revision += 1
        if report is not None and wish.token is not None:
            connection.capabilities = {}  # another token, other rights
            self._take(connection, wish.token, report)
            await accepted(self.session, connection, self.runtime.clock())
            changed["token"] = True
        self._record(
            "update_railway_connection", "railway_connection.updated", connection, caller, changed=sorted(changed)
        )
        return connection

    async def record_probe(
        self, connection_id: UUID, report: ProbeReport | None, problem: Problem | None, caller: Principal
    ) -> RailwayConnection:
        """Keeps what a probe found. Raises ConnectionNotFound when it was deleted meanwhile."""
        connection = await self._locked(connection_id, caller)
        await keep_probe(self.session, connection, report, problem, self.runtime)
        _audit(self.session, "probe_railway_connection", connection, caller, {"passed": report is not None})
        return connection

    async def delete(self, connection_id: UUID, caller: Principal) -> None:
        """Forgets the token; at Railway it lives on. Raises ConnectionInUse."""
        connection = await self._locked(connection_id, caller)
        connections = ConnectionRepository(self.session)
        linked = await connections.linked(connection_id)
        if linked:
            raise ConnectionInUse([environment.id for environment in linked])
        connection.state, connection.deleted_at = ConnectionState.DELETED, self.runtime.clock()
        connection.token_sealed = b""
        connection.revision += 1
        await drop_schedule(self.session, _owner(ProbeConnection(connection_id=connection_id)))
        await drop_schedule(self.session, _owner(SweepIntents(connection_id=connection_id)))
        await self.session.flush()
        if not await connections.any_left():
            await drop_schedule(self.session, SCHEMA_OWNER)
            reason = "nothing speaks to Railway any more"
            await clear_alert(self.session, AlertType.RAILWAY_SCHEMA_DRIFT, SCHEMA_SUBJECT, reason=reason)
        about = encode_id("rwc", connection_id)
        await clear_alert(
            self.session, AlertType.RAILWAY_CONNECTION_REFUSED, about, reason="the connection was deleted"
        )
        await forget_orphans(self.session, connection_id)
        self._record("delete_railway_connection", "railway_connection.deleted", connection, caller)

    async def _locked(self, connection_id: UUID, caller: Principal) -> RailwayConnection:
        connection = await ConnectionRepository(self.session).get(connection_id, caller.project_ids, change=True)
        if connection is None:
            raise ConnectionNotFound(connection_id)
        return connection

    def _take(self, connection: RailwayConnection, token: SecretStr, report: ProbeReport) -> None:
        connection.token_sealed = seal_token(connection.id, token, self.runtime.key_ring)
        _learn(connection, report, self.runtime)

    async def _schedule(
        self, owner: str, args: JobArgs, cron: str, jitter_bound_seconds: int, project_id: UUID | None
    ) -> None:
        await put_schedule(
            self.session,
            owner=owner,
            kind=args.kind,
            args=args.model_dump(mode="json"),
            cron=cron,
            jitter_bound_seconds=jitter_bound_seconds,
            now=self.runtime.clock(),
            project_id=project_id,
        )

    def _record(
        self, action: str, event: str, connection: RailwayConnection, caller: Principal, **details: Any
    ) -> None:
        _audit(self.session, action, connection, caller, {"name": connection.name, **details})
        subject = encode_id("rwc", connection.id)
        emit(
            self.session,
            event,
            project_id=connection.project_id,
            subject_id=subject,
            name=connection.name,
            **details,
        )


async def keep_probe(
    session: AsyncSession,
    connection: RailwayConnection,
    report: ProbeReport | None,
    problem: Problem | None,
    runtime: Runtime,
) -> None:
    """``problem``: why there is no report. That Railway could not be asked says nothing against the token."""
    now = runtime.clock()
    if report is not None:
        _learn(connection, report, runtime)
        await accepted(session, connection, now)
    elif problem is not None and problem.retryable:
        connection.probed_at, connection.probe_error = now, problem.document()
        connection.revision += 1
    elif problem is not None:
        await refused(session, connection, problem, now)


def _learn(connection: RailwayConnection, report: ProbeReport, runtime: Runtime) -> None:
    identity = report.identity
    connection.kind = identity.kind
    connection.workspaces = [{"id": workspace_id, "name": name} for workspace_id, name in identity.workspaces]
    connection.railway_project_id, connection.railway_environment_id = identity.project_id, identity.environment_id
    connection.capabilities = merged(connection.capabilities, report.findings, runtime.clock())


def _audit(
    session: AsyncSession, action: str, connection: RailwayConnection, caller: Principal, details: Mapping[str, Any]
) -> None:
    audit(
        session,
        caller,
        action,
        target_type="railway_connection",
        target_id=encode_id("rwc", connection.id),
        project_id=connection.project_id,
        details=details,
    )


def _owner(args: ProbeConnection | SweepIntents) -> str:
    return f"railway_connection:{args.connection_id}:{args.kind}"
