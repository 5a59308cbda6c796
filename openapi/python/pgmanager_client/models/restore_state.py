from enum import StrEnum


class RestoreState(StrEnum):
    CANCELLED = "cancelled"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    PENDING = "pending"
    RESTORED = "restored"
    RUNNING = "running"
    UNDONE = "undone"

    @classmethod
    def _missing_(cls, value: object) -> "RestoreState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
