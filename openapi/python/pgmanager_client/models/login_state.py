from enum import StrEnum


class LoginState(StrEnum):
    CURRENT = "current"
    DISABLED = "disabled"
    ENDED = "ended"
    PENDING = "pending"
    READY = "ready"
    RETIRING = "retiring"

    @classmethod
    def _missing_(cls, value: object) -> "LoginState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
