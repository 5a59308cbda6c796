"""Verifying a backup: each copy by itself, or one of them restored; then what was found is written down."""

from dataclasses import dataclass, field
from uuid import UUID

from app.errors import Problem
from app.jobs.machine import Move, Steps, done, go, step, wait
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.locations.archives import IdentityMissing
from app.locations.holdings import VerificationLevel
from app.locations.models import Location
from app.postgres.scratch import remove_scratch
from app.runtime import Runtime
from app.verifications import outcome as outcomes
from app.verifications.comparing import require_equal
from app.verifications.copies import OF_THE_COPY, checked_copy
from app.verifications.errors import BackupBad, CopyMissing, NothingSeen, Unverifiable, VerificationFailed
from app.verifications.models import VerificationState
from app.verifications.rehearsal import Rehearsal, scratch_folder
from app.verifications.schemas import CopyCheck, CopyResult, VerifyBackup
from app.verifications.subject import VerificationMemo, VerifyRun, read_subject

_BUSY_SECONDS = 5.0


@dataclass(frozen=True)
class VerifyBackupSteps(Steps[VerifyBackup, VerificationMemo]):
    """``rehearsing``: jobs that have a scratch server in this process."""

    runtime: Runtime
    rehearsing: set[UUID] = field(default_factory=set)

    args = VerifyBackup
    memo = VerificationMemo

    @step
    async def begin(self, run: VerifyRun) -> Move:
        subject = await read_subject(run, self.runtime)
        await outcomes.begin(run, subject.backup)
        if not subject.locations:
            raise CopyMissing(subject.backup.id, run.args.location_id)
        return go(self.rehearse if run.args.level is VerificationLevel.V2 else self.check)

    @step
    async def check(self, run: VerifyRun) -> Move:
        """One copy; the step comes again for the next, with all of its attempts."""
        subject = await read_subject(run, self.runtime)
        checked = {check.location_id for check in run.memo.checks}
        waiting = [location for location in subject.locations if location.id not in checked]
        if not waiting:
            return go(self.conclude)
        run.report(detail=waiting[0].name)
        try:
            check = await checked_copy(self.runtime, run, subject, waiting[0])
        except (BackupBad, Unverifiable, IdentityMissing) as found:
            _judge(run, found)
            return go(self.conclude)
        except Problem as problem:
            if problem.retryable and run.job.attempt < run.job.max_attempts:
                raise
            await run.warn(f"The copy in the location {waiting[0].name} was not looked at: {problem.detail}")
            check = _check(waiting[0], CopyResult.UNREACHABLE, problem)
        run.memo.checks.append(check)
        return go(self.check)

    @step
    async def rehearse(self, run: VerifyRun) -> Move:
        """From one copy; from the next one when that is damaged. Whoever comes again after a crash begins anew."""
        if len(self.rehearsing - {run.id}) >= self.runtime.settings.verification.scratch_servers:
            return wait("another verification that restores on this worker", seconds=_BUSY_SECONDS)
        subject = await read_subject(run, self.runtime)
        checked = {check.location_id: check.result for check in run.memo.checks}
        waiting = [location for location in subject.locations if location.id not in checked]
        if not waiting or CopyResult.PASSED in checked.values():
            return go(self.conclude)
        location = min(waiting, key=lambda one: run.memo.tried.count(one.id))
        self.rehearsing.add(run.id)
        try:
            run.memo.tried.append(location.id)
            await run.remember()
            began = self.runtime.clock()
            report, warnings = await Rehearsal(self.runtime, run, subject).restored(location)
        except OF_THE_COPY as damage:
            run.memo.checks.append(_check(location, CopyResult.DAMAGED, damage))
            return go(self.rehearse)
        except (BackupBad, Unverifiable, IdentityMissing) as found:
            _judge(run, found)
            return go(self.conclude)
        except Problem as problem:
            if problem.retryable or all(one.id in run.memo.tried for one in waiting):
                raise
            await run.warn(f"The copy in the location {location.name} was passed over: {problem.detail}")
            return go(self.rehearse)
        finally:
            self.rehearsing.discard(run.id)
        run.memo.warnings = warnings
        check = _check(location, CopyResult.PASSED)
        run.memo.checks.append(check.model_copy(update={"seconds": (self.runtime.clock() - began).total_seconds()}))
        try:
            require_equal(report)
        except BackupBad as found:
            _judge(run, found)
        await outcomes.keep_rehearsal(run, report)
        return go(self.conclude)

    @step
    async def conclude(self, run: VerifyRun) -> Move:
        unseen = [check for check in run.memo.checks if check.result is CopyResult.UNREACHABLE]
        if run.memo.verdict is None and len(unseen) == len(run.memo.checks):
            # None at all: the last copies were deleted meanwhile.
            raise (
                NothingSeen(unseen[0].problem or {})
                if unseen
                else CopyMissing(run.args.backup_id, run.args.location_id)
            )
        verification = await outcomes.conclude(run)
        if verification.state == VerificationState.FAILED:
            raise VerificationFailed(verification.id, verification.error or {})
        if verification.state == VerificationState.UNVERIFIABLE and verification.error:
            await run.warn(str(verification.error["detail"]))
        return done(
            type="verification",
            verification_id=encode_id("ver", verification.id),
            backup_id=encode_id("bak", run.args.backup_id),
            level=run.args.level.value,
            state=verification.state,
        )

    async def compensate(self, run: VerifyRun, outcome: JobState) -> None:
        await remove_scratch(scratch_folder(self.runtime, run))
        await outcomes.abandon(run, outcome)


def _judge(run: VerifyRun, found: Problem) -> None:
    run.memo.verdict = VerificationState.FAILED if isinstance(found, BackupBad) else VerificationState.UNVERIFIABLE
    run.memo.problem = found.document()


def _check(location: Location, result: CopyResult, problem: Problem | None = None) -> CopyCheck:
    return CopyCheck(
        location_id=location.id, result=result, problem=None if problem is None else problem.document(), seconds=0
    )
