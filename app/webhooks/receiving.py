"""A message to a hook: told genuine before anything in it is read, taken once, and turned into a job."""

from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.backups.schemas import TakeBackup
from app.databases.access import require_reach
from app.databases.models import Database, DatabaseState, Environment
from app.jobs.contract import JobArgs
from app.jobs.enqueue import OnConflict, Target, enqueue
from app.jobs.models import Job
from app.kit.ids import decode_id, encode_id, new_id
from app.locations.repository import LocationRepository
from app.platform.schemas import ObserveEnvironment
from app.runtime import Runtime
from app.webhooks.errors import HookCannotAct, SignatureInvalid
from app.webhooks.models import Hook, HookAction, HookDelivery, HookKind
from app.webhooks.repository import HookRepository
from app.webhooks.schemas import HookAnswer
from app.webhooks.secrets import NOBODYS, valid_secrets
from app.webhooks.senders import SENDERS, Message, Notice

# A sender that puts no time into its messages could be replayed for ever; its own repetitions come within hours.
REMEMBERED: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Receiver:
    session: AsyncSession
    runtime: Runtime

    async def receive(self, hook_id: str, message: Message) -> HookAnswer:
        """Raises SignatureInvalid, and what keeps the job from being started: then the message may come again."""
        hook = await self._genuine(hook_id, message)
        notice = SENDERS[HookKind(hook.kind)].read(message)
        now = self.runtime.clock()
        delivery, is_new = await HookRepository(self.session).take(
            HookDelivery(
                hook_id=hook.id,
                delivery_id=notice.delivery_id,
                event=notice.event,
                reason=_reason(hook, notice),
                expires_at=now + REMEMBERED,
            ),
            now,
        )
        if is_new:
            if delivery.reason is None:
                delivery.job_id = (await self._start(hook, notice)).id
            self._audit(hook, notice, delivery)
        return HookAnswer(job_id=delivery.job_id, reason=delivery.reason, repeated=not is_new)

    async def _genuine(self, hook_id: str, message: Message) -> Hook:
        """Takes as long for a hook that does not exist. Raises SignatureInvalid."""
        hook = await self._find(hook_id)
        kind = HookKind(hook.kind) if hook else HookKind.GITHUB
        secrets = valid_secrets(hook, self.runtime.key_ring, self.runtime.clock()) if hook else [NOBODYS]
        sender = SENDERS[kind]
        proofs = [sender.is_genuine(message, secret) for secret in secrets]
        in_its_place = sender.secret_in_path == (message.path_secret is not None)
        if hook is None or not in_its_place or not any(proofs):
            raise SignatureInvalid
        return hook

    async def _find(self, hook_id: str) -> Hook | None:
        try:
            return await HookRepository(self.session).get(decode_id("hok", hook_id), None)
        except ValueError:
            return None

    async def _start(self, hook: Hook, notice: Notice) -> Job:
        args: JobArgs
        if hook.action == HookAction.BACK_UP:
            database = await self._database(hook)
            args, names = _backup(hook, notice), hook.logical_databases or [""]
            targets = [Target(database.id, name) for name in names]
            dedupe_key = None
        else:
            environment = await self.session.get_one(Environment, hook.environment_id)
            if environment.deleted_at is not None or environment.railway_environment_id is None:
                raise HookCannotAct("the environment stands for none at Railway any more")
            args, targets = ObserveEnvironment(railway_environment_id=environment.railway_environment_id), []
            dedupe_key = f"hook.observe:{environment.railway_environment_id}"  # ten messages need one look
        enqueued = await enqueue(
            self.session,
            args,
            created_by=f"hook:{encode_id('hok', hook.id)}",
            targets=targets,
            project_id=hook.project_id,
            subject_id=args.subject_id(),
            dedupe_key=dedupe_key,
            request_id=current_request_id(),
            on_conflict=OnConflict.QUEUE,
        )
        return enqueued.job

    async def _database(self, hook: Hook) -> Database:
        """Raises HookCannotAct, DatabaseUnreachable."""
        database = await self.session.get_one(Database, hook.database_id)
        if database.state != DatabaseState.AVAILABLE:
            raise HookCannotAct(f"{encode_id('db', database.id)} is {database.state}")
        require_reach(database)
        if await LocationRepository(self.session).default_of(database.project_id) is None:
            raise HookCannotAct("the project has no default location to keep the backup in")
        return database

    def _audit(self, hook: Hook, notice: Notice, delivery: HookDelivery) -> None:
        job_id = encode_id("job", delivery.job_id) if delivery.job_id else None
        audit(
            self.session,
            f"hook:{encode_id('hok', hook.id)}",
            "receive_hook_message",
            target_type="hook",
            target_id=encode_id("hok", hook.id),
            project_id=hook.project_id,
            details={
                "event": notice.event,
                "delivery": notice.delivery_id,
                "job_id": job_id,
                "reason": delivery.reason,
            },
        )


def _reason(hook: Hook, notice: Notice) -> str | None:
    """Why the message starts nothing, if so."""
    if not hook.enabled:
        return "the hook is switched off"
    if notice.ignored is not None:
        return notice.ignored
    if hook.branches and not any(fnmatchcase(notice.ref or "", pattern) for pattern in hook.branches):
        return f"{notice.ref or 'a message without a branch'} is none of the hook's branches"
    return None


def _backup(hook: Hook, notice: Notice) -> TakeBackup:
    assert hook.database_id is not None
    told = {"event": notice.event, "ref": notice.ref, "commit": notice.commit}
    return TakeBackup(
        database_id=hook.database_id,
        set_id=new_id(),
        logical_databases=tuple(hook.logical_databases),
        labels={"hook": hook.name, **{name: text for name, text in told.items() if text}},
    )
