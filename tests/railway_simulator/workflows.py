"""Work that goes on after the answer, told of by an id: unknown at first, then running, at last complete or failed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from tests.railway_simulator.errors import NotAuthorized, Refusal
from tests.railway_simulator.faults import FaultKind
from tests.railway_simulator.model import Workflow
from tests.railway_simulator.platform import Platform, new_id
from tests.railway_simulator.registry import Call, query


def start(call: Call, kind: str, work: Callable[[], Awaitable[None]]) -> str:
    """The id. ``work`` is done at the end of the workflow's time; a Refusal that it raises is how the workflow fails."""
    platform, fault = call.platform, call.workflow_fault
    unreadable = fault is FaultKind.WORKFLOW_REFUSED or kind in platform.settings.refused_workflows
    workflow = Workflow(id=f"{kind}/{new_id()}", created_at=platform.now(), unreadable=unreadable)
    platform.workflows[workflow.id] = workflow
    if fault is not FaultKind.WORKFLOW_NEVER:
        platform.spawn(_run(platform, workflow, work, fault))
    return workflow.id


async def _run(
    platform: Platform, workflow: Workflow, work: Callable[[], Awaitable[None]], fault: FaultKind | None
) -> None:
    await platform.sleep(platform.settings.workflow_seconds)
    if fault in (FaultKind.WORKFLOW_ERROR, FaultKind.WORKFLOW_ERROR_AFTER):
        workflow.error = "Workflow failed"
    try:
        if fault is not FaultKind.WORKFLOW_ERROR:
            await work()
    except Refusal as refusal:
        workflow.error = refusal.message
    except BaseException:
        workflow.error = "Problem processing request"
        raise
    finally:
        workflow.status = "Complete" if workflow.error is None else "Error"


@query()
async def workflow_status(call: Call, *, workflow_id: str) -> dict[str, Any]:
    platform = call.platform
    workflow = platform.workflows.get(workflow_id)
    unknown_for = timedelta(seconds=platform.settings.workflow_unknown_seconds)
    if workflow is None or platform.now() < workflow.created_at + unknown_for:
        return {"status": "NotFound", "error": None}
    if workflow.unreadable:
        raise NotAuthorized
    return {"status": workflow.status, "error": workflow.error if workflow.status == "Error" else None}
