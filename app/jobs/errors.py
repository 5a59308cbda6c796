"""What can go wrong with a job."""

from typing import Any
from uuid import UUID

from app.errors import Conflict, NotFound, Problem
from app.kit.ids import encode_id


class JobNotFound(NotFound):
    def __init__(self, job_id: UUID) -> None:
        super().__init__(f"There is no job {encode_id('job', job_id)}.")


class JobConflict(Conflict):
    code, title, retryable = "JOB_CONFLICT", "Another job excludes this one", True

    def __init__(self, blocking_job_id: UUID) -> None:
        blocking = encode_id("job", blocking_job_id)
        super().__init__(
            f"{blocking} works on the same database and excludes this. Wait for it to end, cancel it, or send "
            "on_conflict=queue where the request takes it.",
            retry_after=10,
            blocking_job_id=blocking,
        )


class NoCommonWorker(Conflict):
    code, title = "NO_COMMON_WORKER", "No worker reaches both databases"

    def __init__(self) -> None:
        super().__init__(
            "The databases of this job are reached by workers of different hosts or labels, and a job runs on one worker. "
            "Enable public access for one of them, or give both the same worker_label."
        )


class JobNotCancellable(Conflict):
    def __init__(self, detail: str) -> None:
        super().__init__(detail)


class JobNotRetryable(Conflict):
    def __init__(self, detail: str) -> None:
        super().__init__(detail)


class WorkerLost(Problem):
    status, code, title, retryable = 500, "WORKER_LOST", "The worker died", True

    def __init__(self, attempts: int) -> None:
        super().__init__(
            f"The worker stopped answering while it ran this step, {attempts} times. "
            "Look for memory limits and crashes in the worker's log, then retry the job."
        )


class DeadlinePassed(Problem):
    status, code, title = 500, "JOB_DEADLINE", "The job took too long"

    def __init__(self, step: str, deadline_seconds: float) -> None:
        super().__init__(f"The job was stopped in step {step}: its kind may take {deadline_seconds:.0f} seconds.")


class Stalled(Problem):
    status, code, title, retryable = 500, "JOB_STALLED", "The job made no progress", True

    def __init__(self, seconds: float, last: str | None) -> None:
        super().__init__(f"Nothing moved for {seconds:.0f} seconds; last seen: {last or 'nothing'}.")


class ArgsInvalid(Problem):
    status, code, title = 500, "JOB_ARGS_INVALID", "This release cannot read the job's arguments"


class CleanupFailed(Problem):
    status, code, title = 500, "CLEANUP_FAILED", "The job ended, but its traces could not be removed"

    def __init__(self, attempts: int, cause: dict[str, Any] | None) -> None:
        super().__init__(
            f"Removing what the job had made failed {attempts} times; see cause and the worker's log.", cause=cause
        )


class ChildFailed(Problem):
    """The error of a job that was started by this one, shown as this one's own."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(str(document.get("detail", "A job started by this one failed.")))
        self._document = document

    def document(self, **_: Any) -> dict[str, Any]:
        return self._document


class LeaseLost(Exception):
    """This worker no longer holds the job: nothing may be written, another one runs it."""


class CancelWished(Exception):
    """The job is to be cancelled: the step ends here and the compensation runs."""
