"""Reading roles, and keeping them as somebody wishes: the wish is on record before the server is told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.connections.logins import (
    LoginRepository,
    new_password,
    open_login_password,
    open_next_password,
    seal_login_password,
)
from app.connections.models import Login, LoginKind, LoginState
from app.databases.models import Database
from app.events.emit import emit
from app.kit.ids import encode_id, new_id
from app.postgres import presets
from app.postgres.presets import Aim
from app.postgres.role_facts import RoleFacts, role, roles
from app.postgres.role_wishes import Plan, RoleWish
from app.roles.errors import RoleNotFound
from app.roles.models import RoleState
from app.roles.places import Place
from app.roles.repository import RoleRepository
from app.roles.schemas import DatabaseRoleView, RoleChanged, RoleStatement, RoleWishView, points_in
from app.runtime import Runtime

_REVISION_BYTES: Final = 6


async def list_views(runtime: Runtime, place: Place, *, after: str, limit: int) -> list[DatabaseRoleView]:
    async with runtime.connections.session(place.target) as session:
        found = await roles(session, after=after, limit=limit)
    async with runtime.reads() as own:
        return await views_of(own, place.database, found)


async def one_view(runtime: Runtime, place: Place, name: str) -> DatabaseRoleView:
    """Raises RoleNotFound."""
    facts = await facts_of(runtime, place, name)
    if facts is None:
        raise RoleNotFound(name)
    async with runtime.reads() as own:
        return (await views_of(own, place.database, [facts]))[0]


async def facts_of(runtime: Runtime, place: Place, name: str) -> RoleFacts | None:
    async with runtime.connections.session(place.target) as session:
        return await role(session, name)


def revision_of(view: DatabaseRoleView) -> int:
    """For its tag: roles are the server's, and have no revision of ours."""
    told = json.dumps(view.model_dump(mode="json"), sort_keys=True)
    return int.from_bytes(sha256(told.encode()).digest()[:_REVISION_BYTES])


async def role_wish(session: AsyncSession, place: Place, name: str, wish: RoleWishView) -> RoleWish:
    """As the server is to be told, with the settings of former wishes that are to go."""
    managed = await RoleRepository(session).managed(place.database.id, name)
    before = set(managed.settings_before) | _setting_names(managed.wish) if managed else set()
    return RoleWish(
        name=name,
        login=wish.login,
        aim=_aim(wish),
        logical_databases=tuple(dict.fromkeys(wish.logical_databases or [place.target.database])),
        connection_limit=wish.connection_limit,
        valid_until=wish.valid_until,
        settings=wish.settings,
        former_settings=frozenset(before),
        member_of=None if wish.member_of is None else frozenset(wish.member_of),
    )


@dataclass(frozen=True, slots=True)
class RoleService:
    session: AsyncSession
    runtime: Runtime

    async def begin(
        self,
        database: Database,
        wish: RoleWish,
        view: RoleWishView,
        caller: Principal,
        *,
        action: str,
        is_new: bool,
        reset: bool,
    ) -> SecretStr | None:
        """Puts the wish on record, and the password that the role is to get, if it is to get one, which is the answer.

        The trail is written here, before the server has it: nothing else would tell of a change that a crash cut off.
        """
        await RoleRepository(self.session).wish(
            database, wish.name, view.model_dump(mode="json"), wish.former_settings, created_by=caller.actor
        )
        password = await self._begin_login(database, wish, caller, is_new=is_new, reset=reset)
        details = {**_told(wish), "is_new": is_new, "has_new_password": password is not None}
        self._audit(database, wish.name, caller, action, details)
        return password

    async def _begin_login(
        self, database: Database, wish: RoleWish, caller: Principal, *, is_new: bool, reset: bool
    ) -> SecretStr | None:
        login = await LoginRepository(self.session).of_role(database.id, wish.name, change=True)
        if not wish.login:
            return None
        if login is None:
            if not is_new and not reset:
                return None  # somebody else has made it, and only they know its password
            login = Login(
                id=new_id(),
                project_id=database.project_id,
                database_id=database.id,
                kind=LoginKind.ROLE,
                role=wish.name,
                created_by=caller.actor,
            )
            self._seal_next(login)
            self.session.add(login)
            await self.session.flush()
        elif reset and login.next_password_sealed is None:
            self._seal_next(login)
        # What was left half-way is finished, and a role that was dropped behind our back comes back as it was.
        key_ring = self.runtime.key_ring
        return open_next_password(login, key_ring) or (open_login_password(login, key_ring) if is_new else None)

    async def settle(
        self,
        database: Database,
        wish: RoleWish,
        password: SecretStr | None,
        *,
        plan: Plan,
    ) -> None:
        """Says that the server has it."""
        managed = await RoleRepository(self.session).managed(database.id, wish.name, change=True)
        if managed is not None:
            managed.state, managed.settings_before = RoleState.CURRENT, []
            managed.revision += 1
        login = await LoginRepository(self.session).of_role(database.id, wish.name, change=True)
        if login is not None:
            self._settle_login(login, wish, password)
        if plan.statements or password is not None:
            details = {
                **_told(wish),
                "is_new": plan.is_new,
                "has_new_password": password is not None,
                "statements": len(plan.statements),
            }
            self._emit(database, wish.name, "role.changed", details)

    def begin_deletion(self, database: Database, name: str, caller: Principal, successor: str | None) -> None:
        """The trail, before the server hears of it."""
        self._audit(database, name, caller, "delete_role", {"successor": successor})

    async def forget(self, database: Database, name: str, reassigned: Mapping[str, int]) -> None:
        """Says that the server has it no longer."""
        login = await LoginRepository(self.session).of_role(database.id, name, change=True)
        if login is not None:
            login.state, login.ended_at = LoginState.ENDED, self.runtime.clock()
            login.revision += 1
        await RoleRepository(self.session).forget(database.id, name)
        self._emit(database, name, "role.deleted", {"reassigned": dict(reassigned)})

    async def view(self, database: Database, facts: RoleFacts | None) -> DatabaseRoleView | None:
        """As this transaction has it."""
        await self.session.flush()
        return None if facts is None else (await views_of(self.session, database, [facts]))[0]

    def _settle_login(self, login: Login, wish: RoleWish, password: SecretStr | None) -> None:
        key_ring = self.runtime.key_ring
        if not wish.login:
            login.state = LoginState.DISABLED
        else:
            if password is not None:
                login.password_sealed = seal_login_password(login.id, password, key_ring)
                login.rotated_at = self.runtime.clock()
                if open_next_password(login, key_ring) == password:
                    login.next_password_sealed = None
            login.state = LoginState.CURRENT
        login.revision += 1

    def _seal_next(self, login: Login) -> None:
        login.next_password_sealed = seal_login_password(login.id, new_password(), self.runtime.key_ring, is_next=True)

    def _audit(self, database: Database, name: str, caller: Principal, action: str, details: dict[str, Any]) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="role",
            target_id=name,
            project_id=database.project_id,
            details={"database_id": encode_id("db", database.id), **details},
        )

    def _emit(self, database: Database, name: str, event: str, details: dict[str, Any]) -> None:
        about = {"project_id": database.project_id, "database_id": database.id}
        emit(self.session, event, **about, subject_id=encode_id("db", database.id), role=name, **details)


def _told(wish: RoleWish) -> dict[str, Any]:
    return {
        "preset": wish.aim.preset if wish.aim else None,
        "logical_databases": list(wish.logical_databases),
        "login": wish.login,
    }


def changed(plan: Plan, role_view: DatabaseRoleView | None) -> RoleChanged:
    missing, extra = points_in(plan.differences)
    return RoleChanged(
        role=role_view,
        is_new=plan.is_new,
        missing=missing,
        extra=extra,
        statements=[RoleStatement(logical_database=name, sql=sql) for name, sql in plan.statements],
        warnings=list(plan.warnings),
    )


async def views_of(session: AsyncSession, database: Database, found: Sequence[RoleFacts]) -> list[DatabaseRoleView]:
    names, rows = [facts.name for facts in found], RoleRepository(session)
    managed, kinds = await rows.all_managed(database.id, names), await rows.kinds(database.id, names)
    if database.username is not None:
        kinds[database.username] = LoginKind.SUPERUSER
    return [
        DatabaseRoleView.of(
            facts,
            kind=LoginKind(kinds[facts.name]) if facts.name in kinds else None,
            state=RoleState(managed[facts.name].state) if facts.name in managed else None,
            wish=managed[facts.name].wish if facts.name in managed else None,
        )
        for facts in found
    ]


def _aim(wish: RoleWishView) -> Aim | None:
    if wish.preset is None:
        return None
    return Aim(wish.preset, _tuple(wish.schemas), _tuple(wish.owners))


def _tuple(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(dict.fromkeys(names))


def _setting_names(wish: Mapping[str, Any]) -> set[str]:
    """All that the role was given for it, whoever owned what then."""
    before = RoleWishView.model_validate(wish)
    of_preset = presets.settings(before.preset, ["any"], login=True) if before.preset else {}
    return of_preset.keys() | before.settings.keys()
