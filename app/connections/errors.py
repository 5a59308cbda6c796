"""What can stand against telling somebody how to connect."""

from collections.abc import Iterable

from app.errors import Conflict, NotFound


class LoginNotFound(NotFound):
    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = ", ".join(known)
        there = f"There are: {names}." if names else "There is none: POST /v1/databases/{id}:harden makes one."
        super().__init__(f"No {kind} {name} is on record for this database. {there}")


class LoginUnusable(Conflict):
    code, title = "LOGIN_UNUSABLE", "Nobody can log in so"


class NoSuchEndpoint(Conflict):
    code, title = "ENDPOINT_ABSENT", "The database has no such endpoint"

    def __init__(self, endpoint: str, way_out: str) -> None:
        super().__init__(f"The database has no {endpoint} endpoint. {way_out}", endpoint=endpoint)


class TlsModeImpossible(Conflict):
    code, title = "TLS_MODE_IMPOSSIBLE", "The server cannot be connected to in this TLS mode"
