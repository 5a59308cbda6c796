"""The states of a job; docs/jobs.md draws the machine."""

from enum import StrEnum


class JobState(StrEnum):
    QUEUED = "queued"
    WAITING = "waiting"  # for something outside, named in `waiting_for`; holds neither lease nor worker slot
    RUNNING = "running"
    CANCELLING = "cancelling"  # claimed once, cancel wished: its compensation has not ended yet
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})
LIVE = frozenset(JobState) - FINAL
