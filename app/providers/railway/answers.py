"""What an answer of Railway holds: the data, or the reason why there is none. Its status alone says little."""

import json
from collections.abc import Mapping
from typing import Any

from app.http import Answer
from app.providers.railway.documents import Document, Kind
from app.providers.railway.errors import (
    Fault,
    OutcomeUnknown,
    RailwayAnswerInvalid,
    RailwayDocumentInvalid,
    RailwayNotAuthorized,
    RailwayProblem,
    RailwayRateLimited,
    RailwayTokenInvalid,
    RailwayUnavailable,
    classify,
)

TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500
# What a status means where the body says nothing better.
_BY_STATUS: Mapping[int, type[RailwayProblem]] = {
    400: RailwayDocumentInvalid,
    401: RailwayTokenInvalid,
    403: RailwayNotAuthorized,
    408: RailwayUnavailable,
}


def data_of(answer: Answer, document: Document) -> dict[str, Any]:
    """Raises a RailwayProblem for anything but complete data; OutcomeUnknown if a change was made all the same."""
    found = _json(answer.body)
    body = found if isinstance(found, dict) else {}
    faults, data = _faults(body.get("errors")), body.get("data")
    problem = _problem(answer, faults, document.name)
    if problem is None and isinstance(data, dict):
        return data
    if problem is None:
        raise RailwayAnswerInvalid("no data and no errors", operation=document.name)
    done = any(fault.nested for fault in faults) or (isinstance(data, dict) and data.get(document.name) is not None)
    if done and document.kind is Kind.CHANGE:
        raise OutcomeUnknown(problem.said, operation=document.name, trace_id=problem.trace_id)
    raise problem


def _problem(answer: Answer, faults: list[Fault], operation: str) -> RailwayProblem | None:
    if answer.status == TOO_MANY_REQUESTS:
        return RailwayRateLimited("status 429", operation=operation)
    if answer.status >= SERVER_ERRORS:
        otherwise: type[RailwayProblem] = RailwayUnavailable
    elif answer.status == 200:  # noqa: PLR2004 (the one status that GraphQL answers with, error or not)
        otherwise = RailwayProblem
    else:
        otherwise = _BY_STATUS.get(answer.status, RailwayAnswerInvalid)
    if faults:
        return classify(faults, operation=operation, otherwise=otherwise)
    if otherwise is RailwayProblem:
        return None
    return otherwise(f"status {answer.status}", operation=operation)


def _faults(errors: Any) -> list[Fault]:
    entries = errors if isinstance(errors, list) else [errors] if errors else []
    return [Fault.of(entry if isinstance(entry, Mapping) else {}) for entry in entries]


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
