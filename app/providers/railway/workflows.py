"""What Railway goes on with after it has answered: asked about until it ends, or until its effect has to tell."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final

from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import (
    RailwayAnswerInvalid,
    RailwayNotAuthorized,
    RailwayNotFound,
    RailwayProblem,
    presentable,
)

# A quota is counted by the hour, and a large volume takes a good part of one.
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 10.0
_PAUSE_GROWTH: Final = 1.5
# For so long a workflow that was just begun may be unknown.
_UNKNOWN_SECONDS: Final = 30.0


class Outcome(StrEnum):
    """``UNREADABLE`` and ``RUNNING`` leave it open: whoever began the work looks for its effect, or asks again later."""

    COMPLETE = "complete"
    RUNNING = "running"
    UNREADABLE = "unreadable"


class WorkflowFailed(RailwayProblem):
    """What it was to do may be there in part: look before it is begun again."""

    code, title = "RAILWAY_WORKFLOW_FAILED", "Railway began the work and did not finish it"
    way_out = "Look at what is there, in Railway's own view too, and start it again."


class _State(Result):
    status: str
    error: str | None = None


class _Answer(Result):
    workflow_status: _State


async def finished(
    client: RailwayClient,
    workflow_id: str | None,
    *,
    note: Callable[[str], None],
    seconds: float,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Outcome:
    """How the workflow stands after at most ``seconds``. ``note`` is told what Railway says of it. Raises WorkflowFailed.

    Railway may give no id, or refuse to tell the state of some kinds although it works on them: UNREADABLE. To be called
    again, with any ``seconds``, it need not remember anything.
    """
    if workflow_id is None:
        return Outcome.UNREADABLE
    loop = asyncio.get_running_loop()
    began, pause, known = loop.time(), _FIRST_PAUSE_SECONDS, False
    while True:
        status = await _status(client, workflow_id)
        if status is None:
            return Outcome.UNREADABLE
        if status == "Complete":
            return Outcome.COMPLETE
        known = known or status == "Running"
        passed = loop.time() - began + pause
        if status == "NotFound" and (known or passed > min(seconds, _UNKNOWN_SECONDS)):
            return Outcome.UNREADABLE
        note(f"the workflow at Railway is {_SHOWN.get(status, status)}")
        if passed > seconds:
            return Outcome.RUNNING
        await sleep(pause)
        pause = min(_LONGEST_PAUSE_SECONDS, pause * _PAUSE_GROWTH)


_SHOWN: Final = {"Running": "running", "NotFound": "not known yet"}


async def _status(client: RailwayClient, workflow_id: str) -> str | None:
    """None where Railway does not tell. Raises WorkflowFailed, and what Railway's silence raises."""
    read = document("workflowStatus")
    try:
        state = (await client.read(read, {"workflowId": workflow_id}, _Answer)).workflow_status
    except RailwayNotFound:
        return "NotFound"
    except (RailwayNotAuthorized, RailwayAnswerInvalid):
        return None
    if state.status == "Error":
        raise WorkflowFailed(presentable(state.error or "no reason"), operation=workflow_id.partition("/")[0])
    return state.status
