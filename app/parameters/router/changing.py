"""One change of settings in one request: the server locked, the change on record before it is made, settled after it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Response

from app.auth.dependencies import LaterWrite
from app.auth.principal import Principal
from app.databases.access import target_of
from app.databases.models import Database
from app.errors import Problem
from app.jobs.models import Job
from app.jobs.schemas import JobView
from app.kit.etags import entity_tag
from app.parameters.applying import Refused, apply
from app.parameters.errors import SettingInvalid
from app.parameters.models import ChangeState, SettingChange
from app.parameters.planning import Plan, plan_of, require_restart_allowed
from app.parameters.schemas import SettingChangeView, SettingsChanged, SettingView
from app.parameters.service import SettingsService
from app.postgres.connect import Session
from app.postgres.parameter_values import QUOTED_LISTS, entries
from app.postgres.parameter_writing import Scope, missing_libraries, only_writer, refused
from app.postgres.parameters import Reading, read
from app.runtime import Runtime

_LIBRARIES = "shared_preload_libraries"


@dataclass(frozen=True, slots=True)
class Wish:
    scope: Scope
    values: Mapping[str, Any]
    undoes_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Changing:
    runtime: Runtime
    later: LaterWrite
    response: Response
    database: Database
    caller: Principal

    async def change(
        self, action: str, wish_of: Callable[[Reading], Awaitable[Wish]], *, allow_restart: bool
    ) -> SettingsChanged:
        """``action`` is the operation id. ``wish_of`` may refuse by what the server has now."""
        target = target_of(self.database, self.runtime.key_ring)
        async with only_writer(target) as server:
            reading = await read(server)
            planned = await self._plan(server, reading, wish_of, allow_restart=allow_restart)
            async with self.later.begin() as (session, once):
                if isinstance(planned, Problem):
                    raise planned
                wish, plan = planned
                service = SettingsService(session, self.runtime)
                await service.require_still(self.database.id)
                if not plan.after:
                    if wish.undoes_id is not None:
                        await service.settle(self.database, wish.undoes_id, ChangeState.UNDONE)
                    return once.keep(self._answer(reading, plan), self.response)
                database = await session.merge(self.database, load=False)
                change = await service.begin(database, plan, self.caller, action, undoes_id=wish.undoes_id)
                if plan.needs_restart:
                    job = await service.start(database, change, self.caller)
                    return once.keep(self._answer(reading, plan, change, job), self.response)
                if self.later.is_dry_run:
                    return once.keep(self._answer(reading, plan, change), self.response)
                change_id = change.id
            try:
                seen = await apply(server, target, plan)
            except Refused as refused:
                await self._settle(change_id, refused)
                raise refused.problem from refused
        async with self.later.begin() as (session, once):
            change = await SettingsService(session, self.runtime).settle(self.database, change_id, ChangeState.APPLIED)
            return once.keep(self._answer(seen, plan, change), self.response)

    async def _plan(
        self,
        server: Session,
        reading: Reading,
        wish_of: Callable[[Reading], Awaitable[Wish]],
        *,
        allow_restart: bool,
    ) -> tuple[Wish, Plan] | Problem:
        """A refusal waits until it is known that this is no repetition: that one gets its first answer again."""
        try:
            wish = await wish_of(reading)
            undoes = wish.undoes_id is not None
            plan = plan_of(reading, wish.scope, wish.values, self.database.provider, undoes=undoes)
            await _ask(server, reading, plan)
            require_restart_allowed(plan, allowed=allow_restart)
        except Problem as refusal:
            return refusal
        return wish, plan

    async def _settle(self, change_id: UUID, refused: Refused) -> None:
        async with self.runtime.sessions() as session, session.begin():
            service = SettingsService(session, self.runtime)
            await service.settle(self.database, change_id, refused.state, refused.problem)

    def _answer(
        self, reading: Reading, plan: Plan, change: SettingChange | None = None, job: Job | None = None
    ) -> SettingsChanged:
        self.response.headers["ETag"] = entity_tag(reading.revision())
        view = JobView.of(job) if job else None
        if view is not None:
            self.response.status_code = 202
            self.response.headers["Location"] = view.links["self"]
            self.response.headers["Retry-After"] = "1"
        found = [parameter for name in plan.named if (parameter := reading.find(name)) is not None]
        return SettingsChanged(
            change=SettingChangeView.of(change) if change else None,
            settings=[SettingView.of(parameter, reading, self.database.provider) for parameter in found],
            needs_restart=list(plan.needs_restart),
            warnings=list(plan.warnings),
            job=view,
        )


async def _ask(server: Session, reading: Reading, plan: Plan) -> None:
    """What only the server can say against texts. Raises SettingInvalid."""
    texts = {
        name: value
        for name, value in plan.after.items()
        if value is not None and reading.parameters[name].kind.type == "string"
    }
    reasons = await refused(server, {name: texts[name] for name in texts if name not in QUOTED_LISTS})
    libraries = texts.get(_LIBRARIES)
    if libraries is not None and reading.is_superuser:
        missing = await missing_libraries(server, entries(_LIBRARIES, libraries))
        if missing:
            reasons[_LIBRARIES] = f"the server has no library {', '.join(missing)}, and would not start with it"
    if reasons:
        raise SettingInvalid(reasons)
