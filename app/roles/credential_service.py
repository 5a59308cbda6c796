"""The record of temporary credentials: begun, in use, on their way out, ended."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.connections.models import Login, LoginState
from app.connections.temporary import TemporaryWish, due
from app.databases.models import Database, DatabaseState
from app.events.alerts import clear_alert, open_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.kit.ids import encode_id
from app.postgres.role_removal import Removal
from app.roles.errors import CredentialNotFound
from app.roles.repository import RoleRepository
from app.roles.schemas import EndTemporaryCredential
from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class CredentialService:
    session: AsyncSession
    runtime: Runtime

    async def get(self, database_id: UUID, credential_id: UUID, *, change: bool = False) -> Login:
        """Raises CredentialNotFound."""
        login = await RoleRepository(self.session).credential(database_id, credential_id, change=change)
        if login is None:
            raise CredentialNotFound(credential_id)
        return login

    async def settle(self, credential_id: UUID, wish: TemporaryWish, caller: Principal) -> Login:
        """Says that the server has it. Whoever ended it meanwhile keeps the last word."""
        login = await self.session.get_one(Login, credential_id, with_for_update=True, populate_existing=True)
        if login.state == LoginState.PENDING:
            login.state = LoginState.CURRENT
            login.revision += 1
        schemas = list(wish.schemas) if wish.schemas is not None else None
        self._tell(login, caller, "create_temporary_credential", "credential.created", schemas=schemas)
        return login

    async def retire(self, login: Login) -> None:
        """From now on it is to go, and is found by whoever looks for that if its caller dies."""
        login.state = LoginState.RETIRING
        login.expires_at = min(login.expires_at or self.runtime.clock(), self.runtime.clock())
        login.revision += 1

    async def end(self, login: Login, removal: Removal | None, actor: Principal | str, action: str) -> bool:
        """Says that the server has it no longer, once. ``login`` is held."""
        if login.state == LoginState.ENDED:
            return False
        login.state, login.ended_at = LoginState.ENDED, self.runtime.clock()
        login.revision += 1
        await clear_alert(
            self.session, AlertType.CREDENTIAL_OVERDUE, encode_id("crd", login.id), reason="the credential is ended"
        )
        reassigned = dict(removal.reassigned or {}) if removal else {}
        self._tell(login, actor, action, "credential.ended", reassigned=reassigned)
        return True

    async def tell_overdue(self, login: Login) -> None:
        """The job that was to end it has failed: whoever is logged in by it still is."""
        assert login.job_id is not None
        await open_alert(
            self.session,
            AlertType.CREDENTIAL_OVERDUE,
            encode_id("crd", login.id),
            title=f"The temporary credential {login.role} is not ended",
            detail=f"Its time is over, so nobody logs in by it any more, but whoever was logged in then may still be. "
            f"{encode_id('job', login.job_id)} says why it failed; it is tried again every ten minutes. At hand: ALTER ROLE "
            f"{login.role} NOLOGIN, and pg_terminate_backend for its sessions.",
            project_id=login.project_id,
            database_id=login.database_id,
            job_id=encode_id("job", login.job_id),
        )

    def _tell(self, login: Login, actor: Principal | str, action: str, event: str, **details: Any) -> None:
        told = {
            "role": login.role,
            "preset": login.preset,
            "logical_database": login.logical_database,
            "expires_at": login.expires_at.isoformat() if login.expires_at else None,
            "reason": login.reason,
            **details,
        }
        audit(
            self.session,
            actor,
            action,
            target_type="temporary_credential",
            target_id=encode_id("crd", login.id),
            project_id=login.project_id,
            details={"database_id": encode_id("db", login.database_id), **told},
        )
        emit(
            self.session,
            event,
            project_id=login.project_id,
            database_id=login.database_id,
            subject_id=encode_id("crd", login.id),
            **told,
        )


async def end_due(runtime: Runtime) -> None:
    """Starts what ends those whose time has come, or that were never finished."""
    async with runtime.sessions() as session, session.begin():
        service = CredentialService(session, runtime)
        for login in await due(session, runtime.clock()):
            database = await session.get_one(Database, login.database_id)
            if database.state == DatabaseState.DELETED:
                await service.end(login, None, "worker", EndTemporaryCredential.kind)
                continue
            if login.job_id is not None:
                await service.tell_overdue(login)
            args = EndTemporaryCredential(database_id=login.database_id, credential_id=login.id)
            enqueued = await enqueue(
                session,
                args,
                created_by="worker",
                targets=[Target(login.database_id)],
                project_id=login.project_id,
                subject_id=args.subject_id(),
                on_conflict=OnConflict.QUEUE,
                dedupe_key=f"{args.kind}:{args.subject_id()}",
            )
            login.job_id = enqueued.job.id
