"""The two halves of changing a role: the wish on record first, then the server, and then that it has it.

A refusal waits until it is known that the request is no repetition: that one gets its first answer again.
"""

from dataclasses import dataclass

from fastapi import Response

from app.auth.dependencies import LaterWrite
from app.auth.principal import Principal
from app.errors import Problem
from app.kit.etags import require_match
from app.postgres.role_facts import RoleFacts
from app.postgres.role_making import make, plan
from app.postgres.role_removal import check_removal, remove
from app.postgres.role_wishes import Plan, RoleWish
from app.postgres.scram import verifier
from app.roles.errors import RoleNotFound
from app.roles.places import Place, require_free
from app.roles.repository import RoleRepository
from app.roles.schemas import RoleChanged, RoleWishView
from app.roles.service import RoleService, changed, facts_of, one_view, revision_of, role_wish
from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class RoleChange:
    runtime: Runtime
    place: Place
    name: str
    caller: Principal

    async def set(
        self,
        wish: RoleWishView,
        later: LaterWrite,
        response: Response,
        *,
        action: str,
        reset: bool = False,
        tag: str | None = None,
    ) -> RoleChanged:
        found: tuple[RoleFacts | None, RoleWish, Plan] | Problem
        try:
            found = await self._look(wish, reset=reset, tag=tag)
        except Problem as refusal:
            found = refusal
        database = self.place.database
        async with later.begin() as (session, once):
            if isinstance(found, Problem):
                raise found
            before, full, planned = found
            response.status_code = 201 if planned.is_new and action == "set_role" else 200
            service = RoleService(session, self.runtime)
            password = await service.begin(
                database, full, wish, self.caller, action=action, is_new=planned.is_new, reset=reset
            )
            if later.is_dry_run:
                return once.keep(changed(planned, await service.view(database, before)), response)
        done = await make(self.place.target, full, verifier=None if password is None else verifier(password))
        facts = await facts_of(self.runtime, self.place, self.name)
        async with later.begin() as (session, once):
            service = RoleService(session, self.runtime)
            await service.settle(database, full, password, plan=done)
            return once.keep(changed(done, await service.view(database, facts)), response)

    async def delete(self, later: LaterWrite, response: Response, *, successor: str | None, terminate: bool) -> None:
        refusal = None
        try:
            await self._check_removal(successor, terminate=terminate)
        except Problem as problem:
            refusal = problem
        async with later.begin() as (session, once):
            if refusal is not None:
                raise refusal
            RoleService(session, self.runtime).begin_deletion(self.place.database, self.name, self.caller, successor)
            if later.is_dry_run:
                return once.keep_empty(response)
        removal = await remove(self.place.target, self.name, successor=successor, terminate=terminate)
        async with later.begin() as (session, once):
            service = RoleService(session, self.runtime)
            await service.forget(self.place.database, self.name, removal.reassigned or {})
            return once.keep_empty(response)

    async def _look(
        self, wish: RoleWishView, *, reset: bool, tag: str | None
    ) -> tuple[RoleFacts | None, RoleWish, Plan]:
        facts = await facts_of(self.runtime, self.place, self.name)
        if tag is not None:
            there = 0 if facts is None else revision_of(await one_view(self.runtime, self.place, self.name))
            require_match(tag, there)
        async with self.runtime.reads() as session:
            await require_free(session, self.place.database, self.name, facts)
            full = await role_wish(session, self.place, self.name, wish)
        return facts, full, await plan(self.place.target, full, sets_password=wish.login and (facts is None or reset))

    async def _check_removal(self, successor: str | None, *, terminate: bool) -> None:
        facts = await facts_of(self.runtime, self.place, self.name)
        async with self.runtime.reads() as session:
            await require_free(session, self.place.database, self.name, facts)
            is_on_record = await RoleRepository(session).is_on_record(self.place.database.id, self.name)
        is_there = await check_removal(self.place.target, self.name, successor=successor, terminate=terminate)
        if not is_there and not is_on_record:
            raise RoleNotFound(self.name)
