"""An application's other login takes over, and the former one is let go once nobody uses it. Undone by a cancel until then."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.connections.application_variables import role_of_variables, write_application_variables
from app.connections.logins import (
    LoginRepository,
    new_password,
    open_login_password,
    open_next_password,
    seal_login_password,
)
from app.connections.models import LoginState
from app.databases.places import Site
from app.jobs.machine import Move, done, go, step, wait
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.postgres import logins
from app.postgres.connect import Session
from app.postgres.errors import PrivilegeMissing
from app.postgres.scram import verifier
from app.providers.railway.deployments import DeploymentFailed, DeploymentPending, newest, settled
from app.providers.railway.models import IntentOutcome
from app.providers.railway.redeployment import redeploy
from app.railway.capabilities import Capability
from app.rotations.errors import NewLoginRefused, RoleDropped
from app.rotations.schemas import RedeployWish, RotateRole
from app.rotations.steps.base import RotationBase, RotationMemo, RotationRun, at
from app.rotations.subjects import Subject

WATCH_SECONDS: Final = 5.0
# Nobody may be connected for a moment and come back: a pool that shrank, a job that runs each minute.
QUIET_SECONDS: Final = 15.0
QUIET_SECONDS_WHERE_LEFT: Final = 120.0
_ENDING_SECONDS: Final = 5.0
_MOST_TOLD: Final = 10


@dataclass(frozen=True, slots=True)
class OverlapSteps(RotationBase):
    @step
    async def prepare(self, run: RotationRun) -> Move:
        """The password stands in the row before the server hears of it, and is promoted after."""
        async with run.writing() as session:
            subject = await Subject.of(session, run.args)
            if run.memo.new_id is None:
                current, other = subject.pair()
                other.next_password_sealed = seal_login_password(
                    other.id, new_password(), self.runtime.key_ring, is_next=True
                )
                other.job_id = run.id
                run.memo.old_id, run.memo.new_id = current.id, other.id
        new = await self.login(run, run.memo.new_id)
        password = open_next_password(new, self.runtime.key_ring)
        if password is None:  # promoted by an attempt that died behind it
            return go(self.try_out)
        async with self.on_server(self.ours(subject.database), role=new.role) as server:
            await logins.let_in(server, new.role, verifier(password))
        async with run.writing() as session:
            row = await LoginRepository(session).get(new.id, change=True)
            row.password_sealed = seal_login_password(row.id, password, self.runtime.key_ring)
            row.next_password_sealed = None
            row.state, row.rotated_at, row.revision = LoginState.READY, self.runtime.clock(), row.revision + 1
        return go(self.try_out)

    @step
    async def try_out(self, run: RotationRun) -> Move:
        """Before anybody is told of it."""
        subject, new = await self.subject(run), await self.login(run, run.memo.new_id)
        password = open_login_password(new, self.runtime.key_ring)
        assert password is not None
        refusal = await logins.refusal_of(self.as_login(subject, new, password))
        if refusal is not None:
            raise NewLoginRefused(new.role, refusal)
        return go(self.switch)

    @step
    async def switch(self, run: RotationRun) -> Move:
        """Both logins work now, so it does no harm that rows and variables change one after the other."""
        subject = await self.subject(run)
        assert subject.application is not None
        site = await self.told_at(subject)
        if site is not None and (busy := await self.hold(run, site)):
            return busy
        await self._make_current(run, subject, site, back=False)
        if site is not None:
            new = await self.login(run, run.memo.new_id)
            await write_application_variables(self.runtime, site, subject.application, new)
            await self.let_go(run)
        return go(self.move_consumers)

    @step
    async def move_consumers(self, run: RotationRun) -> Move:
        return await self.redeploying(run, await self.subject(run)) or go(self.watch)

    @step
    async def watch(self, run: RotationRun) -> Move:
        subject, old = await self.subject(run), await self.login(run, run.memo.old_id)
        now, memo = self.runtime.clock(), run.memo
        memo.switched_at = memo.switched_at or now
        async with self.on_server(self.ours(subject.database), role=old.role) as server:
            left = await logins.sessions_of(server, old.role)
        until = memo.switched_at + timedelta(seconds=run.args.grace_seconds)
        memo.quiet_since = None if left else memo.quiet_since or now
        if now >= until or (memo.quiet_since and now - memo.quiet_since >= self._quiet(run)):
            return go(self.retire)
        ends = until if left else min(until, (memo.quiet_since or now) + self._quiet(run))
        reason = (
            f"{len(left)} sessions of {old.role} to end; those that are left at {until:%Y-%m-%d %H:%M:%S} UTC are ended"
            if left
            else f"{old.role} to stay without sessions"
        )
        return wait(reason, seconds=min(WATCH_SECONDS, max(0.1, (ends - now).total_seconds())))

    @step
    async def retire(self, run: RotationRun) -> Move:
        subject, old = await self.subject(run), await self.login(run, run.memo.old_id)
        new = await self.login(run, run.memo.new_id)
        run.memo.is_retiring = True
        await run.remember()
        async with self.on_server(self.ours(subject.database), role=old.role) as server:
            left = await logins.sessions_of(server, old.role)
            await logins.shut_out(server, old.role)
            await _end_sessions(run, server, old.role, left)
        async with run.writing() as session:
            row = await LoginRepository(session).get(old.id, change=True)
            if row.state == LoginState.RETIRING:
                row.state, row.password_sealed, row.revision = LoginState.DISABLED, None, row.revision + 1
                told = {"role": new.role, "before": old.role, "sessions_ended": len(left)}
                await self.say(run, session, "role.rotated", subject, None, **told)
        return done(
            database_id=encode_id("db", subject.database.id),
            application=subject.application and subject.application.name,
            role=new.role,
            former_role=old.role,
            strategy=run.args.strategy,
            redeployed=[reader.name for reader in run.memo.readers or ()],
            sessions_ended=len(left),
        )

    async def undo_overlap(self, run: RotationRun) -> None:
        """The former login is current again, for us, for the variables and for the services that were redeployed."""
        if run.memo.new_id is None:
            return
        subject = await self.subject(run)
        old, new = await self.login(run, run.memo.old_id), await self.login(run, run.memo.new_id)
        if old.state == LoginState.DISABLED:
            await run.warn(f"It came too late: {old.role} is let go, and {new.role} is current.")
            return
        password = open_login_password(old, self.runtime.key_ring)
        if run.memo.is_retiring and password is not None:
            async with self.on_server(self.ours(subject.database), role=old.role) as server:
                await logins.let_in(server, old.role, verifier(password))
        if run.memo.switched_at is not None:
            await self._undo_told(run, subject)
        await self.let_go(run, IntentOutcome.GIVEN_UP)
        left: list[logins.LoginSession] = []
        try:
            async with self.on_server(self.ours(subject.database), role=new.role) as server:
                await logins.shut_out(server, new.role)
                left = await logins.sessions_of(server, new.role)
        except (RoleDropped, PrivilegeMissing) as problem:  # what kept it from being let in as well
            await run.warn(f"{new.role} could not be set NOLOGIN: {problem.detail}")
        if left:
            await run.warn(f"{len(left)} sessions of {new.role} go on until they end; it lets nobody in any more.")
        async with run.writing() as session:
            row = await LoginRepository(session).get(new.id, change=True)
            row.state, row.revision = LoginState.DISABLED, row.revision + 1
            row.password_sealed = row.next_password_sealed = None
            await self.say(run, session, "role.rotation_undone", subject, None, role=old.role, undone=new.role)

    async def _undo_told(self, run: RotationRun, subject: Subject) -> None:
        assert subject.application is not None
        site = await self.told_at(subject)
        await self._make_current(run, subject, site, back=True)
        if site is None:
            return
        old, new = await self.login(run, run.memo.old_id), await self.login(run, run.memo.new_id)
        await self.held_for_cleanup(run, site)
        if await role_of_variables(site, subject.application) == new.role:
            await write_application_variables(self.runtime, site, subject.application, old)
        readers = run.memo.readers or []
        for reader in readers[: run.memo.deployed + run.memo.was_asked]:
            place = at(site, reader)
            latest = await newest(site.client, place)
            before = latest.id if latest else None
            async with self.changing(site, Capability.DEPLOYMENTS_WRITE):
                await redeploy(site.client, place, after=before)
            try:
                await settled(site.client, place, after=before, note=lambda detail: run.report(detail=detail))
            except (DeploymentFailed, DeploymentPending) as problem:
                await run.warn(f"{reader.name} did not come up with the former login: {problem.detail}")

    async def _make_current(self, run: RotationRun, subject: Subject, site: Site | None, *, back: bool) -> None:
        """In one transaction, and one after the other: never are two of them current."""
        assert run.memo.old_id is not None
        assert run.memo.new_id is not None
        to, frm = (run.memo.old_id, run.memo.new_id) if back else (run.memo.new_id, run.memo.old_id)
        async with run.writing() as session:
            repository = LoginRepository(session)
            former, current = await repository.get(frm, change=True), await repository.get(to, change=True)
            if current.state == LoginState.CURRENT:
                return
            former.state, former.revision = LoginState.RETIRING, former.revision + 1
            await session.flush()
            current.state, current.revision = LoginState.CURRENT, current.revision + 1
            if not back:
                run.memo.switched_at = self.runtime.clock()
                told = {"role": current.role, "before": former.role}
                await self.say(run, session, "role.rotation_switched", subject, site, **told)

    @staticmethod
    def _quiet(run: RotationRun) -> timedelta:
        is_left = run.args.consumers is RedeployWish.LEAVE
        return timedelta(seconds=QUIET_SECONDS_WHERE_LEFT if is_left else QUIET_SECONDS)


async def _end_sessions(
    run: Run[RotateRole, RotationMemo], server: Session, role: str, left: list[logins.LoginSession]
) -> None:
    """Those that are left, told one by one: whoever they belong to was not given the new login."""
    for one in left[:_MOST_TOLD]:
        await run.warn(f"A session of {role} was ended: {one}.")
    deadline = asyncio.get_running_loop().time() + _ENDING_SECONDS
    while await logins.sessions_of(server, role):
        if not await logins.end_sessions_of(server, role):
            await run.warn(
                f"Our login may not end sessions of {role}: grant it pg_signal_backend. They go on until they end."
            )
            return
        if asyncio.get_running_loop().time() > deadline:
            await run.warn(f"Sessions of {role} were told to end and are still there.")
            return
        await asyncio.sleep(0.05)
