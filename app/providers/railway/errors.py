"""What can go wrong with Railway, told from what it answers: by message first, because its codes seldom say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from app.errors import Problem
from app.kit.redaction import redact

CREATION_PAUSE_SECONDS: Final = 30
_LONGEST_MESSAGE: Final = 300
_ECHO: Final = " got invalid value "


class RailwayProblem(Problem):
    """``trace_id`` is what Railway's support asks for. ``changed_nothing``: a change that failed so was not made."""

    status, code, title = 502, "RAILWAY_FAILED", "Railway failed"
    way_out: ClassVar[str] = "Look at Railway's status page, and ask its support with the trace id if there is one."
    changed_nothing: ClassVar[bool] = False

    def __init__(
        self, said: str, *, operation: str, trace_id: str | None = None, retry_after: int | None = None
    ) -> None:
        self.operation, self.said, self.trace_id = operation, said, trace_id
        detail = f"Railway answered {operation} with: {said.rstrip('.')}. {self.way_out}"
        members: dict[str, Any] = {"operation": operation}
        if trace_id is not None:
            members["trace_id"] = trace_id
        super().__init__(detail, retry_after=retry_after, **members)


class RailwayUnavailable(RailwayProblem):
    status, code, title, retryable = 503, "RAILWAY_UNAVAILABLE", "Railway does not answer", True
    way_out = "Try again later; Railway's status page may say more."


class RailwayNotReached(RailwayUnavailable):
    """The request never left."""

    changed_nothing = True


class RailwayAnswerInvalid(RailwayProblem):
    code, title = "RAILWAY_ANSWER_INVALID", "Railway's answer is not what it promises"
    way_out = "Compare Railway's schema with the one that this version was written for."


class RailwayDocumentInvalid(RailwayProblem):
    code, title, changed_nothing = "RAILWAY_DOCUMENT_INVALID", "Railway does not understand the request", True
    way_out = "Its schema has changed: compare it with the one that this version was written for."


class RailwayRateLimited(RailwayProblem):
    status, code, title, retryable = 503, "RAILWAY_RATE_LIMITED", "The token's quota at Railway is used up", True
    way_out = "Wait, poll less, or take another plan: the quota is counted by token."
    changed_nothing = True


class RailwayThrottled(RailwayProblem):
    status, code, title, retryable = 503, "RAILWAY_THROTTLED", "Railway wants this done more slowly", True
    way_out = "Wait half a minute, then try again."
    changed_nothing = True


class RailwayBusy(RailwayProblem):
    status, code, title, retryable = 409, "RAILWAY_BUSY", "Railway is still at another operation", True
    way_out = "Read the object again, and repeat what is still wanted."
    changed_nothing = True


class RailwayNotReady(RailwayProblem):
    status, code, title, retryable = 409, "RAILWAY_NOT_READY", "What was just created cannot be read yet", True
    way_out = "Read it again in a moment."
    changed_nothing = True


class RailwayNothingStaged(RailwayProblem):
    status, code, title = 409, "RAILWAY_NOTHING_STAGED", "No change is waiting in the environment"
    way_out = "There is nothing to commit."
    changed_nothing = True


class RailwayNotFound(RailwayProblem):
    status, code, title = 404, "RAILWAY_NOT_FOUND", "Railway does not know the object"
    way_out = "It was deleted, or the token cannot see it."
    changed_nothing = True


class RailwayRefused(RailwayProblem):
    status, code, title = 422, "RAILWAY_REFUSED", "Railway refuses the values"
    way_out = "Change what Railway names."
    changed_nothing = True


class RailwayTokenInvalid(RailwayProblem):
    status, code, title = 422, "RAILWAY_TOKEN_INVALID", "Railway does not accept the token"
    way_out = "It expired, was deleted, or is of another kind than was said: create another and replace it."
    changed_nothing = True


class RailwayTwoFactorRequired(RailwayProblem):
    status, code, title = 422, "RAILWAY_TWO_FACTOR_REQUIRED", "The workspace demands a second factor"
    way_out = "Enable it for the account, or use a workspace token."
    changed_nothing = True


class RailwayNotAuthorized(RailwayProblem):
    """One answer with three meanings, which ``refusals`` tells apart: dead token, missing right, wrong object."""

    status, code, title = 422, "RAILWAY_NOT_AUTHORIZED", "Railway refuses without a reason"
    way_out = "The token is dead or lacks the right, or the id is not one that it can see."
    changed_nothing = True


class RailwayForbidden(RailwayNotAuthorized):
    code, title = "RAILWAY_FORBIDDEN", "The token lacks the right"
    way_out = "Use a token of somebody with more rights: for snapshots a workspace's admin, for example."


class RailwayTokenKindWrong(RailwayNotAuthorized):
    code, title = "RAILWAY_TOKEN_KIND_WRONG", "This cannot be done with a token of this kind"
    way_out = (
        "A project token reaches one environment of one project, and only an account token has a person behind it: use a"
        " token of another kind."
    )


class RailwayOutOfReach(RailwayNotAuthorized):
    code, title = "RAILWAY_OUT_OF_REACH", "The token works, but not for this object"
    way_out = (
        "The id is of another kind (a volume's where a volume instance's is wanted), the object is gone, or it belongs"
        " to another workspace, project or environment than the token."
    )


class OutcomeUnknown(RailwayProblem):
    """A change that may have been made. Not to be repeated before a read has shown that it was not."""

    code, title = "RAILWAY_OUTCOME_UNKNOWN", "It is not known whether Railway made the change"
    way_out = "Read what it was to change before trying again."


# In their order: the first that the message contains, in lower case.
_BY_MESSAGE: Final[Sequence[tuple[str, type[RailwayProblem]]]] = (
    ("two factor authentication required", RailwayTwoFactorRequired),
    ("project token not found", RailwayTokenInvalid),
    ("not authorized", RailwayNotAuthorized),
    ("bucketinstancecredential not found", RailwayNotReady),
    ("not found", RailwayNotFound),
    ("too quickly", RailwayThrottled),
    ("every 30s", RailwayThrottled),
    ("service deployment rate limit exceeded", RailwayThrottled),
    ("an operation is already in progress", RailwayBusy),
    ("no patch to apply", RailwayNothingStaged),
    ("cannot return null for non-nullable field", RailwayAnswerInvalid),
)
_BY_CODE: Final[Mapping[str, type[RailwayProblem]]] = {
    "UNAUTHENTICATED": RailwayTokenInvalid,
    "FORBIDDEN": RailwayForbidden,
    "NOT_FOUND": RailwayNotFound,
    "RATE_LIMITED": RailwayRateLimited,
    "BAD_USER_INPUT": RailwayRefused,
    "GRAPHQL_VALIDATION_FAILED": RailwayDocumentInvalid,
    "GRAPHQL_PARSE_FAILED": RailwayDocumentInvalid,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of the errors in an answer."""

    message: str
    code: str | None
    trace_id: str | None
    # Below the operation's own field: that one was carried out, and its result could not be told in full.
    nested: bool

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "Fault":
        extensions = entry.get("extensions")
        extensions = extensions if isinstance(extensions, Mapping) else {}
        path, trace = entry.get("path"), entry.get("traceId") or extensions.get("traceId")
        code = extensions.get("code")
        return cls(
            message=presentable(str(entry.get("message") or "an error without a message")),
            code=str(code) if code else None,
            trace_id=str(trace) if trace else None,
            nested=isinstance(path, list) and len(path) > 1,
        )


def presentable(message: str) -> str:
    """What Railway said, without the values that it repeats: they may be somebody's passwords."""
    told, _, echo = " ".join(message.split()).partition(_ECHO)
    return redact(told)[:_LONGEST_MESSAGE] + (" has an invalid value" if echo else "")


def classify(faults: Sequence[Fault], *, operation: str, otherwise: type[RailwayProblem]) -> RailwayProblem:
    """The most telling of the faults, ``otherwise`` if none says anything. Its trace id may stand beside another."""
    kinds = [_kind(fault) for fault in faults]
    place = next((place for place, kind in enumerate(kinds) if kind is not None), 0)
    trace_id = next((fault.trace_id for fault in (faults[place], *faults) if fault.trace_id is not None), None)
    kind = kinds[place] or otherwise
    retry_after = CREATION_PAUSE_SECONDS if kind is RailwayThrottled else None
    return kind(faults[place].message, operation=operation, trace_id=trace_id, retry_after=retry_after)


def _kind(fault: Fault) -> type[RailwayProblem] | None:
    message = re.sub(r"\s+", " ", fault.message.lower())
    for part, kind in _BY_MESSAGE:
        if part in message:
            return kind
    return _BY_CODE.get(fault.code or "")
