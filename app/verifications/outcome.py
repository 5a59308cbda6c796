"""What a verification comes to, written down once: in its row, its copies and its backup, as event and as alert."""

from typing import Any, Final

from sqlalchemy import func
from sqlmodel.ext.asyncio.session import AsyncSession

from app.events.alerts import clear_alert, open_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.jobs.states import JobState
from app.kit.ids import encode_id
from app.locations.holdings import Backup, VerificationLevel
from app.locations.holdings import Verification as Standing
from app.verifications.models import Verification, VerificationState
from app.verifications.repository import LIVE, VerificationRepository
from app.verifications.schemas import CopyResult, RehearsalReport, VerificationReport
from app.verifications.subject import VerifyRun

_UNKNOWN: Final = frozenset({Standing.NONE, Standing.RUNNING, Standing.UNVERIFIABLE})


async def begin(run: VerifyRun, backup: Backup) -> Verification:
    async with run.writing() as session:
        verifications = VerificationRepository(session)
        verification = await verifications.add(
            Verification(
                project_id=backup.project_id,
                backup_id=backup.id,
                level=run.args.level,
                location_id=run.args.location_id,
                job_id=run.id,
                created_by=run.job.created_by,
            )
        )
        await verifications.move(
            verification.id,
            frm={VerificationState.PENDING},
            to=VerificationState.RUNNING,
            started_at=func.now(),
        )
        if (await verifications.held_backup(backup.id)).verification == Standing.NONE:
            await verifications.settle_backup(backup.id, verification=Standing.RUNNING.value)
        return verification


async def keep_rehearsal(run: VerifyRun, report: RehearsalReport) -> None:
    """At once: a worker may die before the end."""
    document = VerificationReport(copies=run.memo.checks, rehearsal=report, warnings=run.memo.warnings)
    async with run.writing() as session:
        verifications = VerificationRepository(session)
        verification = await _of(verifications, run)
        await verifications.move(
            verification.id,
            frm=LIVE,
            to=VerificationState.RUNNING,
            report=document.model_dump(mode="json"),
            rows=report.rows,
        )


async def conclude(run: VerifyRun) -> Verification:
    """The verification as it is from now on. Twice is once."""
    async with run.writing() as session:
        verifications = VerificationRepository(session)
        verification = await _of(verifications, run)
        if VerificationState(verification.state) not in LIVE:
            return verification
        backup = await verifications.held_backup(run.args.backup_id)
        await _mark_copies(verifications, run)
        good = await verifications.good_copies(backup.id)
        state, error = _state(run)
        await verifications.settle_backup(backup.id, **_standing(run, backup, state, good))
        report = dict(verification.report or {"rehearsal": None})
        report |= VerificationReport(copies=run.memo.checks, warnings=run.memo.warnings).model_dump(
            mode="json", exclude={"rehearsal"}
        )
        await verifications.move(
            verification.id, frm=LIVE, to=state, report=report, error=error, finished_at=func.now()
        )
        await _tell(session, run, backup, verification, state=state, error=error)
        return await _of(verifications, run)


async def abandon(run: VerifyRun, outcome: JobState) -> None:
    """After a job that failed or was cancelled: nothing was found out, so the backup stands as it stood."""
    async with run.writing() as session:
        verifications = VerificationRepository(session)
        verification = await verifications.of_job(run.id)
        if verification is None:
            return
        await verifications.move(
            verification.id,
            frm=LIVE,
            to=VerificationState.CANCELLED if outcome is JobState.CANCELLED else VerificationState.INCONCLUSIVE,
            error=(run.job.ending or {}).get("error"),
            finished_at=func.now(),
        )
        if (await verifications.held_backup(verification.backup_id)).verification == Standing.RUNNING:
            await verifications.settle_backup(verification.backup_id, verification=Standing.NONE.value)


async def _of(verifications: VerificationRepository, run: VerifyRun) -> Verification:
    verification = await verifications.of_job(run.id)
    assert verification is not None, "the first step makes it"
    return verification


async def _mark_copies(verifications: VerificationRepository, run: VerifyRun) -> None:
    was_read = run.args.level is not VerificationLevel.V0
    for check in run.memo.checks:
        if check.result is CopyResult.PASSED:
            await verifications.copy_passed(run.args.backup_id, check.location_id, was_read=was_read)
        elif check.result is CopyResult.DAMAGED:
            await verifications.copy_damaged(run.args.backup_id, check.location_id, check.problem or {})


def _state(run: VerifyRun) -> tuple[VerificationState, dict[str, Any] | None]:
    damaged = [check for check in run.memo.checks if check.result is CopyResult.DAMAGED]
    if run.memo.verdict is VerificationState.FAILED:
        return VerificationState.FAILED, run.memo.problem
    if damaged:
        return VerificationState.FAILED, damaged[0].problem
    if run.memo.verdict is VerificationState.UNVERIFIABLE:
        return VerificationState.UNVERIFIABLE, run.memo.problem
    return VerificationState.PASSED, None


def _standing(run: VerifyRun, backup: Backup, state: VerificationState, good: int) -> dict[str, Any]:
    """What is known of the backup now. A higher level that was passed, or failed, says more than a lower one."""
    level, before = run.args.level, Standing(backup.verification)
    outranked = before not in _UNKNOWN and (backup.verification_level or "") > level
    if run.memo.verdict is VerificationState.FAILED or (state is VerificationState.FAILED and good == 0):
        return {"verification": Standing.FAILED.value, "verification_level": level.value, "verified_at": None}
    if run.memo.verdict is None and any(check.result is CopyResult.PASSED for check in run.memo.checks):
        if outranked:
            return {}
        return {"verification": Standing.PASSED.value, "verification_level": level.value, "verified_at": func.now()}
    if run.memo.verdict is VerificationState.UNVERIFIABLE and before in _UNKNOWN:
        return {"verification": Standing.UNVERIFIABLE.value, "verification_level": level.value}
    return {"verification": Standing.NONE.value} if before is Standing.RUNNING else {}


async def _tell(
    session: AsyncSession,
    run: VerifyRun,
    backup: Backup,
    verification: Verification,
    *,
    state: VerificationState,
    error: dict[str, Any] | None,
) -> None:
    if state is VerificationState.UNVERIFIABLE:
        return
    passed = state is VerificationState.PASSED
    emit(
        session,
        "backup.verified" if passed else "backup.verify_failed",
        project_id=backup.project_id,
        database_id=backup.database_id,
        subject_id=encode_id("bak", backup.id),
        job_id=run.id,
        verification_id=encode_id("ver", verification.id),
        level=run.args.level.value,
        logical_database=backup.logical_database,
        **({} if error is None else {"code": error.get("code")}),
    )
    if passed:
        for level in VerificationLevel:
            if level <= run.args.level:
                about = _about(backup, level)
                await clear_alert(session, AlertType.BACKUP_VERIFY_FAILED, about, reason="a verification passed")
        return
    await open_alert(
        session,
        AlertType.BACKUP_VERIFY_FAILED,
        _about(backup, run.args.level),
        title=f"A backup of {backup.logical_database} did not pass its verification",
        detail=str((error or {}).get("detail")),
        project_id=backup.project_id,
        database_id=backup.database_id,
        subject_id=encode_id("bak", backup.id),
        verification_id=encode_id("ver", verification.id),
        level=run.args.level.value,
        code=(error or {}).get("code"),
    )


def _about(backup: Backup, level: VerificationLevel) -> str:
    """Not the backup, which may never pass: a later one of the same logical database ends the incident."""
    return f"{encode_id('db', backup.database_id)}/{backup.logical_database}/{level}"
