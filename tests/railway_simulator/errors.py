"""How the platform refuses: mostly with status 200, a sentence, and a code that seldom says anything."""

from typing import Final

INTERNAL: Final = "INTERNAL_SERVER_ERROR"


class Refusal(Exception):
    """Shown to the caller as it is."""

    def __init__(self, message: str, *, code: str | None = INTERNAL) -> None:
        super().__init__(message)
        self.message, self.code = message, code


class NotAuthorized(Refusal):
    """The one answer to a dead token, a missing right, and an id of the wrong kind."""

    def __init__(self) -> None:
        super().__init__("Not Authorized")


class NotFound(Refusal):
    def __init__(self, what: str) -> None:
        super().__init__(f"{what} not found")


class BadInput(Refusal):
    def __init__(self, message: str) -> None:
        super().__init__(message, code="BAD_USER_INPUT")


class Failed(Refusal):
    """Says nothing but the trace id."""

    def __init__(self) -> None:
        super().__init__("Problem processing request", code=None)
