"""What callers may do with jobs: look, cancel, retry."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.jobs.cancelling import cancel_family
from app.jobs.contract import KINDS
from app.jobs.enqueue import Target, enqueue
from app.jobs.errors import JobNotCancellable, JobNotFound, JobNotRetryable
from app.jobs.hooks import hooks_of
from app.jobs.models import Job
from app.jobs.repository import JobRepository
from app.jobs.states import FINAL, JobState
from app.kit.ids import encode_id


@dataclass(frozen=True, slots=True)
class JobService:
    session: AsyncSession
    jobs: JobRepository

    async def get(self, job_id: UUID, caller: Principal) -> Job:
        """Raises JobNotFound, also for a job of a project that the caller does not cover."""
        job = await self.jobs.get(job_id, caller.project_ids)
        if job is None:
            raise JobNotFound(job_id)
        return job

    async def cancel(self, job_id: UUID, caller: Principal) -> Job:
        """Writes the wish; asking again is fine. Raises JobNotCancellable for what has ended, or must run through."""
        job = await self.get(job_id, caller)
        if job.state == JobState.CANCELLING:
            return job
        if JobState(job.state) in FINAL:
            raise JobNotCancellable(f"The job has already {job.state}.")
        if not job.cancellable:
            raise JobNotCancellable(f"A job of kind {job.kind} cannot be cancelled: half done it would do harm.")
        if job not in await cancel_family(self.session, job_id, by=caller.actor, whole=True):
            await self.session.refresh(job)
            if JobState(job.state) in FINAL:  # since it was read
                raise JobNotCancellable(f"The job has already {job.state}.")
            raise JobNotCancellable("The job has failed and removes its traces; it ends by itself.")
        self._audit(caller, "cancel_job", job)
        return job

    async def retry(self, job_id: UUID, caller: Principal) -> Job:
        """A new job with the arguments of one that failed or was cancelled. Raises JobNotRetryable, JobConflict."""
        job = await self.get(job_id, caller)
        if job.state not in (JobState.FAILED, JobState.CANCELLED):
            raise JobNotRetryable(f"Only failed and cancelled jobs can be retried; this one is {job.state}.")
        kind = KINDS.get(job.kind)
        if job.parent_id is not None:
            raise JobNotRetryable("The job was a part of another one; retry that one.")
        if kind is None:
            raise JobNotRetryable(f"This release knows no jobs of kind {job.kind}.")
        caller.require(kind.scope)
        try:
            args = kind.model_validate(job.args)
        except ValidationError:
            raise JobNotRetryable("This release cannot read the job's arguments; start it anew.") from None
        for scope in args.scopes():
            caller.require(scope)
        retried = hooks_of(job.kind).retried
        if retried is not None:
            args = await retried(self.session, job, args)
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(target.database_id, target.subject) for target in await self.jobs.targets(job)],
            project_id=job.project_id,
            subject_id=args.subject_id() or job.subject_id,
            retry_of=job.id,
            host_id=job.host_id,
            worker_label=None if job.database_id else job.worker_label,  # who reaches the database may have changed
            request_id=current_request_id(),
        )
        self._audit(caller, "retry_job", job)
        return enqueued.job

    def _audit(self, caller: Principal, action: str, job: Job) -> None:
        audit(
            self.session,
            caller,
            action,
            target_type="job",
            target_id=encode_id("job", job.id),
            project_id=job.project_id,
            details={"kind": job.kind},
        )
