from enum import StrEnum


class ChangeState(StrEnum):
    APPLIED = "applied"
    FAILED = "failed"
    PENDING = "pending"
    UNDONE = "undone"
    UNSETTLED = "unsettled"

    @classmethod
    def _missing_(cls, value: object) -> "ChangeState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
