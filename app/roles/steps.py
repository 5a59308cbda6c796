"""The end of a temporary credential: its sessions first, then its role, and only then its row."""

from dataclasses import dataclass

from app.connections.models import Login, LoginState
from app.connections.temporary import end_temporary
from app.databases.access import target_of
from app.databases.models import Database, DatabaseState
from app.jobs.machine import Move, NoMemo, Steps, done, step
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.postgres.connect import Target
from app.postgres.role_removal import Removal
from app.roles.credential_service import CredentialService
from app.roles.schemas import EndTemporaryCredential
from app.runtime import Runtime


@dataclass(frozen=True)
class EndTemporaryCredentialSteps(Steps[EndTemporaryCredential, NoMemo]):
    runtime: Runtime

    args = EndTemporaryCredential
    memo = NoMemo

    @step
    async def end(self, run: Run[EndTemporaryCredential, NoMemo]) -> Move:
        """May be killed anywhere and run again: what is gone already is passed over."""
        async with run.reading() as session:
            login = await session.get_one(Login, run.args.credential_id, populate_existing=True)
            database = await session.get_one(Database, run.args.database_id, populate_existing=True)
        subject = {"type": "temporary_credential", "credential_id": encode_id("crd", login.id)}
        if login.state == LoginState.ENDED:
            return done(**subject)
        removal = None
        if database.state != DatabaseState.DELETED:
            removal = await self._removed(run, login, target_of(database, self.runtime.key_ring))
        async with run.writing() as session:
            login = await session.get_one(Login, login.id, with_for_update=True, populate_existing=True)
            await CredentialService(session, self.runtime).end(login, removal, "worker", run.args.kind)
        return done(**subject, reassigned=dict(removal.reassigned or {}) if removal else {})

    async def _removed(self, run: Run[EndTemporaryCredential, NoMemo], login: Login, target: Target) -> Removal:
        removal = await end_temporary(target, login)
        for place, count in (removal.reassigned or {}).items():
            await run.warn(
                f"{login.role} had made {count} objects in {place}, which belong to {target.user} now: look whether they are "
                "needed."
            )
        return removal
