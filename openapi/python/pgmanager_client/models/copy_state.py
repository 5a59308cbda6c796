from enum import StrEnum


class CopyState(StrEnum):
    AVAILABLE = "available"
    COPYING = "copying"
    CORRUPT = "corrupt"
    DELETED = "deleted"
    DELETING = "deleting"
    FAILED = "failed"
    PENDING = "pending"
    RETAINED = "retained"

    @classmethod
    def _missing_(cls, value: object) -> "CopyState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
