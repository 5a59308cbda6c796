"""What goes wrong on demand, and requests that stop until they are let go: both by the operation's name."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class FaultKind(StrEnum):
    """``…_after``: what was asked for is done all the same. Those of workflows are for operations that start one."""

    LOST_ANSWER = "lost_answer"
    LOST_REQUEST = "lost_request"
    HTML_502 = "html_502"
    HTML_502_AFTER = "html_502_after"
    NULL = "null"
    NOT_AUTHORIZED = "not_authorized"
    RATE_LIMITED = "rate_limited"
    TOO_QUICKLY = "too_quickly"
    BUSY = "busy"
    INTERNAL = "internal"
    WORKFLOW_ERROR = "workflow_error"
    WORKFLOW_ERROR_AFTER = "workflow_error_after"
    WORKFLOW_NEVER = "workflow_never"
    WORKFLOW_REFUSED = "workflow_refused"


class Fault(BaseModel):
    """Left out for the first ``skip`` requests of the operation, then done ``times`` times."""

    model_config = ConfigDict(extra="forbid")

    operation: str
    kind: FaultKind
    times: int = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)


class PauseWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    operation: str
    when: Literal["before", "after"]
    skip: int = Field(default=0, ge=0)


@dataclass
class Pause:
    """Stops one request, the first after ``skip``."""

    id: str
    operation: str
    when: str
    skip: int
    used: bool = False
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)


class Faults:
    def __init__(self) -> None:
        self.planned: list[Fault] = []
        self.pauses: dict[str, Pause] = {}

    def next(self, operations: frozenset[str]) -> FaultKind | None:
        """The first fault that is due. Every other one of the operation counts the request among those to skip."""
        due: FaultKind | None = None
        for fault in list(self.planned):
            if fault.operation not in operations:
                continue
            if fault.skip:
                fault.skip -= 1
            elif due is None:
                due = fault.kind
                fault.times -= 1
                if not fault.times:
                    self.planned.remove(fault)
        return due

    async def stop(self, operations: frozenset[str], when: str) -> None:
        for pause in list(self.pauses.values()):
            if pause.used or pause.when != when or pause.operation not in operations:
                continue
            if pause.skip:
                pause.skip -= 1
                continue
            pause.used = True
            pause.reached.set()
            await pause.released.wait()

    def add_pause(self, pause_id: str, wanted: PauseWanted) -> None:
        self.pauses[pause_id] = Pause(pause_id, wanted.operation, wanted.when, wanted.skip)

    def clear(self) -> None:
        self.planned.clear()
        for pause_id in list(self.pauses):
            self.release(pause_id)

    def release(self, pause_id: str) -> bool:
        pause = self.pauses.pop(pause_id, None)
        if pause is not None:
            pause.released.set()
        return pause is not None
