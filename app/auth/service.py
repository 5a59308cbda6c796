"""Making, listing and revoking keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.errors import RightsExceeded
from app.auth.models import ApiKey
from app.auth.principal import Principal
from app.auth.repository import AuthRepository, Position
from app.auth.schemas import ApiKeyCreate
from app.auth.scopes import Scope
from app.errors import NotFound
from app.kit import api_keys
from app.kit.clock import Clock
from app.kit.ids import encode_id


@dataclass(frozen=True, slots=True)
class KeyService:
    session: AsyncSession
    pepper: bytes
    clock: Clock

    async def create(self, wish: ApiKeyCreate, caller: Principal) -> tuple[ApiKey, SecretStr]:
        """Raises RightsExceeded unless the new key is within the caller's rights."""
        lacking = set(wish.scopes) - caller.scopes
        if lacking:
            raise RightsExceeded(lacking)
        projects = wish.project_ids
        if caller.project_ids is not None:
            projects = sorted(caller.project_ids) if projects is None else projects
            if not caller.project_ids.issuperset(projects):
                raise RightsExceeded
        return await self.issue(
            wish.name,
            wish.scopes,
            project_ids=projects,
            expires_in=None if wish.expires_in_days is None else timedelta(days=wish.expires_in_days),
            actor=caller,
        )

    async def issue(
        self,
        name: str,
        scopes: Iterable[Scope],
        *,
        project_ids: Iterable[UUID] | None,
        expires_in: timedelta | None,
        actor: Principal | str,
    ) -> tuple[ApiKey, SecretStr]:
        """Makes a key without asking whether ``actor`` may. The second value is shown once and kept nowhere."""
        minted = api_keys.mint()
        key = ApiKey(
            id=minted.key_id,
            name=name,
            digest=api_keys.digest(minted.secret, self.pepper),
            last4=minted.text.get_secret_value()[-4:],
            scopes=sorted(scopes),
            project_ids=None if project_ids is None else sorted(set(project_ids)),
            expires_at=None if expires_in is None else self.clock() + expires_in,
            created_by=actor.actor if isinstance(actor, Principal) else actor,
            created_at=self.clock(),
        )
        AuthRepository(self.session).add(key)
        audit(
            self.session,
            actor,
            "create_api_key",
            target_type="api_key",
            target_id=encode_id("key", key.id),
            details={"name": name, "scopes": key.scopes, "project_ids": _texts(key.project_ids)},
        )
        return key, minted.text

    async def get(self, key_id: UUID, caller: Principal) -> ApiKey:
        key = await AuthRepository(self.session).key(key_id)
        if key is None or not _covers(caller, key):
            raise NotFound("There is no such API key.")
        return key

    async def page(self, caller: Principal, *, after: Position | None, limit: int) -> list[ApiKey]:
        return list(await AuthRepository(self.session).keys(projects=caller.project_ids, after=after, limit=limit))

    async def revoke(self, key_id: UUID, caller: Principal) -> None:
        """Revoking twice is no error: the caller wanted the key to be dead, and it is."""
        key = await self.get(key_id, caller)
        if await AuthRepository(self.session).revoke(key.id):
            audit(
                self.session,
                caller,
                "revoke_api_key",
                target_type="api_key",
                target_id=encode_id("key", key.id),
                details={"name": key.name},
            )


def _covers(caller: Principal, key: ApiKey) -> bool:
    """Whether every project of the key is one of the caller's: else even its name would say too much."""
    if caller.project_ids is None:
        return True
    return key.project_ids is not None and caller.project_ids.issuperset(key.project_ids)


def _texts(project_ids: Iterable[UUID] | None) -> list[str] | None:
    return None if project_ids is None else [encode_id("prj", project_id) for project_id in project_ids]
