"""What callers may do with hooks."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from pydantic import SecretStr
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid, EnvironmentNotFound, NameTaken
from app.databases.models import DatabaseState, Environment
from app.db.uniqueness import guarded
from app.kit.etags import require_match
from app.kit.ids import encode_id, new_id
from app.runtime import Runtime
from app.webhooks.errors import EnvironmentNotLinked, HookNotFound
from app.webhooks.models import Hook, HookAction
from app.webhooks.repository import HookRepository
from app.webhooks.schemas import HookCreate, HookUpdate, RailwayHookCreate
from app.webhooks.secrets import current_secret, make_secret, seal

# Long enough to change the sender's side by hand, short enough for a secret that has leaked.
BOTH_COUNT: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class HookService:
    session: AsyncSession
    runtime: Runtime

    async def create(self, wish: HookCreate, caller: Principal) -> tuple[Hook, SecretStr]:
        """Raises DatabaseNotFound, EnvironmentNotFound, EnvironmentNotLinked, NameTaken, ScopeMissing."""
        secret, hook = make_secret(), await self._row(wish, caller)
        hook.secret_sealed = seal(hook.id, "secret_sealed", secret, self.runtime.key_ring)
        async with guarded(self.session, _taken(wish.name)):
            self.session.add(hook)
        self._audit(caller, "create_hook", hook, kind=hook.kind, does=hook.action)
        return hook, secret

    async def get(self, hook_id: UUID, caller: Principal, *, change: bool = False) -> Hook:
        """Raises HookNotFound, also for a hook of a project that the caller does not cover."""
        hook = await HookRepository(self.session).get(hook_id, caller.project_ids, change=change)
        if hook is None:
            raise HookNotFound(hook_id)
        return hook

    async def update(self, hook_id: UUID, wish: HookUpdate, caller: Principal, *, if_match: str | None) -> Hook:
        """Raises NameTaken, PreconditionFailed."""
        hook = await self.get(hook_id, caller, change=True)
        require_match(if_match, hook.revision)
        changed = wish.model_dump(exclude_none=True)
        async with guarded(self.session, _taken(wish.name or hook.name)):
            hook.sqlmodel_update(changed)
            hook.revision += 1
        self._audit(caller, "update_hook", hook, changed=sorted(changed))
        return hook

    async def rotate(self, hook_id: UUID, caller: Principal) -> tuple[Hook, SecretStr]:
        """A new secret. The one before counts for a day; the one before that no more."""
        hook = await self.get(hook_id, caller, change=True)
        key_ring = self.runtime.key_ring
        former, secret = current_secret(hook, key_ring), make_secret()
        hook.previous_secret_sealed = seal(hook.id, "previous_secret_sealed", former, key_ring)
        hook.previous_until = self.runtime.clock() + BOTH_COUNT
        hook.secret_sealed = seal(hook.id, "secret_sealed", secret, key_ring)
        hook.revision += 1
        self._audit(caller, "rotate_hook", hook)
        await self.session.flush()
        return hook, secret

    async def delete(self, hook_id: UUID, caller: Principal) -> None:
        """Its secrets are forgotten; to its sender it is as if it had never been."""
        hook = await self.get(hook_id, caller, change=True)
        hook.deleted_at = self.runtime.clock()
        hook.secret_sealed, hook.previous_secret_sealed, hook.previous_until = b"", None, None
        hook.revision += 1
        self._audit(caller, "delete_hook", hook)

    async def _row(self, wish: HookCreate, caller: Principal) -> Hook:
        """Nobody has a hook do what they may not do themselves."""
        if isinstance(wish, RailwayHookCreate):
            caller.require(Scope.DATABASES_OPERATE)
            environment = await self._environment(wish.environment_id, caller)
            action, project_id = HookAction.OBSERVE, environment.project_id
        else:
            caller.require(Scope.BACKUPS_WRITE)
            database = await visible_database(self.session, wish.database_id, caller)
            if database.state in (DatabaseState.DELETING, DatabaseState.DELETED):
                raise DatabaseStateInvalid(database.id, database.state, "backed up")
            action, project_id = HookAction.BACK_UP, database.project_id
        return Hook(
            **wish.model_dump(),
            id=new_id(),
            project_id=project_id,
            action=action,
            secret_sealed=b"",
            created_by=caller.actor,
        )

    async def _environment(self, environment_id: UUID, caller: Principal) -> Environment:
        query = select(Environment).where(Environment.id == environment_id)
        environment = (await self.session.exec(query)).one_or_none()
        if environment is None or environment.deleted_at or not caller.may_see(environment.project_id):
            raise EnvironmentNotFound(environment_id)
        if environment.railway_environment_id is None:
            raise EnvironmentNotLinked(environment.id)
        return environment

    def _audit(self, caller: Principal, action: str, hook: Hook, **details: object) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="hook",
            target_id=encode_id("hok", hook.id),
            project_id=hook.project_id,
            details={"name": hook.name, **details},
        )


def _taken(name: str) -> dict[str, NameTaken]:
    return {"uq_hook_project_id_name": NameTaken("a hook", name)}
