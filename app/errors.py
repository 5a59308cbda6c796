"""The root of every error that a caller or an operator may see.

An error knows its stable code, its HTTP status and whether the same request may succeed later, so that one handler
renders all of them as a problem document (RFC 9457) and a failed job stores the very same document.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import WithJsonSchema

DOCUMENTATION = "/docs/errors"

# A document that was kept: what failed, in the row of the job or backup that failed.
ProblemDocument = Annotated[dict[str, Any], WithJsonSchema({"$ref": "#/components/schemas/Problem"})]


class Problem(Exception):
    """An error with a stable code.

    ``detail`` is written for the person who is woken at night: it names the cause and the way out, and never carries a
    secret, a connection string or SQL with literals. ``members`` become extra members of the document.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL"
    title: ClassVar[str] = "Internal error"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: str,
        *,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after
        self.headers = dict(headers or {})
        self.members = members

    def document(self, *, instance: str | None = None, request_id: str | None = None) -> dict[str, Any]:
        """The RFC 9457 document. ``retry_after`` is in seconds."""
        document: dict[str, Any] = {
            "type": f"{DOCUMENTATION}#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "retryable": self.retryable,
        }
        if instance is not None:
            document["instance"] = instance
        if request_id is not None:
            document["request_id"] = request_id
        if self.retry_after is not None:
            document["retry_after"] = self.retry_after
        return document | self.members


class BadRequest(Problem):
    status, code, title = 400, "PARAMETER_INVALID", "Invalid parameter"


class Unauthorized(Problem):
    status, code, title = 401, "KEY_INVALID", "Authentication failed"


class Forbidden(Problem):
    status, code, title = 403, "FORBIDDEN", "Not allowed"


class NotFound(Problem):
    """Also the answer for a resource of a project that the caller's key does not cover, so that names do not leak."""

    status, code, title = 404, "NOT_FOUND", "Not found"


class Conflict(Problem):
    status, code, title = 409, "STATE_INVALID", "Conflict with the current state"


class Unprocessable(Problem):
    status, code, title = 422, "VALIDATION_FAILED", "The request cannot be processed"


class Unavailable(Problem):
    """Something outside did not answer; the same request may succeed later."""

    status, code, title, retryable = 503, "UNAVAILABLE", "Temporarily unavailable", True
