"""Failures of the control database that a caller can wait out, as problems."""

from sqlalchemy.exc import DBAPIError

from app.errors import Conflict, Problem, Unavailable


class ControlDatabaseUnreachable(Unavailable):
    code, title = "UNAVAILABLE", "The control database does not answer"


class PoolExhausted(Unavailable):
    code, title = "POOL_EXHAUSTED", "Too many requests at the same time"


class LockTimeout(Conflict):
    code, title, retryable = "LOCK_TIMEOUT", "Somebody else holds what this request needs", True


class Deadlock(Conflict):
    code, title, retryable = "DEADLOCK", "Two requests waited for each other", True


class Serialization(Conflict):
    code, title, retryable = "SERIALIZATION", "A concurrent request changed the same rows", True


class StatementTimeout(Problem):
    status, code, title, retryable = 504, "STATEMENT_TIMEOUT", "The control database took too long", True


def translate(error: DBAPIError) -> Problem | None:
    """What to tell the caller; None for a failure that is a mistake of ours."""
    sqlstate = getattr(error.orig, "sqlstate", None) or ""
    match sqlstate:
        case "55P03":
            return LockTimeout("Another request holds a lock that this one needs; try again.", retry_after=2)
        case "40P01":
            return Deadlock("This request and another one waited for each other; try again.", retry_after=1)
        case "40001":
            return Serialization("Another request changed the same rows at the same time; try again.", retry_after=1)
        case "57014":
            return StatementTimeout("A statement on the control database hit its limit; try again.", retry_after=5)
        case "53300":
            return PoolExhausted("The control database takes no more connections; try again.", retry_after=5)
        case "08001":
            return ControlDatabaseUnreachable("The control database cannot be reached; try again.", retry_after=5)
    # Classes 08 and 57: the connection broke, or the server stops or starts.
    if error.connection_invalidated or sqlstate[:2] in ("08", "57"):
        return ControlDatabaseUnreachable("The control database closed the connection; try again.", retry_after=2)
    return None
