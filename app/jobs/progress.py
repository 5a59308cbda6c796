"""How far a job is, as callers see it."""

import time
from datetime import datetime

from pydantic import BaseModel, Field, PrivateAttr


class StepProgress(BaseModel):
    name: str
    started_at: datetime
    finished_at: datetime | None = None
    detail: str | None = None


class Progress(BaseModel):
    """Numbers are of the current step. ``percent`` and ``eta_seconds`` are null as long as they would be guesses."""

    percent: float | None = None
    step: str | None = None
    steps: list[StepProgress] = Field(default_factory=list)
    bytes_done: int | None = None
    bytes_total: int | None = None
    rows_done: int | None = None
    rows_total: int | None = None
    bytes_per_second: float | None = None
    eta_seconds: int | None = None
    moved_at: datetime | None = Field(
        default=None, description="When the current step was last seen to move: bytes, rows, or the lock it waits for."
    )

    # When counting began, at which number, and whether that is one of bytes.
    _began: tuple[float, int, bool] | None = PrivateAttr(default=None)

    @property
    def detail(self) -> str | None:
        """What the current step says of itself."""
        return self.steps[-1].detail if self.steps else None

    @property
    def position(self) -> tuple[int | None, int | None, str | None]:
        """What changes when the step moves."""
        return self.bytes_done, self.rows_done, self.detail

    def enter(self, step: str, now: datetime) -> None:
        """Closes the open step and opens ``step``; entering the open one again (a retry, a stay) changes nothing."""
        if self.step == step:
            return
        if self.steps and self.steps[-1].finished_at is None:
            self.steps[-1].finished_at = now
        self.steps.append(StepProgress(name=step, started_at=now))
        self.step, self.moved_at = step, now
        self.percent = self.bytes_done = self.bytes_total = self.rows_done = self.rows_total = None
        self.bytes_per_second = self.eta_seconds = self._began = None

    def leave(self, now: datetime) -> None:
        if self.steps and self.steps[-1].finished_at is None:
            self.steps[-1].finished_at = now
        self.eta_seconds = None

    def count(
        self,
        *,
        bytes_done: int | None = None,
        bytes_total: int | None = None,
        rows_done: int | None = None,
        rows_total: int | None = None,
        detail: str | None = None,
    ) -> None:
        """Takes what is known now; percent, rate and remaining time follow from bytes, or from rows without bytes."""
        self.bytes_done = self.bytes_done if bytes_done is None else bytes_done
        self.bytes_total = self.bytes_total if bytes_total is None else bytes_total
        self.rows_done = self.rows_done if rows_done is None else rows_done
        self.rows_total = self.rows_total if rows_total is None else rows_total
        if detail is not None and self.steps:
            self.steps[-1].detail = detail
        is_bytes = bool(self.bytes_total) or (self.bytes_done is not None and not self.rows_total)
        done, total = (self.bytes_done, self.bytes_total) if is_bytes else (self.rows_done, self.rows_total)
        if done is None:
            return
        now = time.monotonic()
        if self._began is None or self._began[2] != is_bytes:
            self._began = (now, done, is_bytes)
        seconds = now - self._began[0]
        rate = (done - self._began[1]) / seconds if seconds >= 1 else None
        if rate is not None and is_bytes:
            self.bytes_per_second = round(rate, 1)
        if total:
            # An estimate that was too low must not claim to be done.
            self.percent = round(min(99.9, 100 * done / total), 1)
            self.eta_seconds = max(0, round((total - done) / rate)) if rate else None
