from enum import StrEnum


class ImportState(StrEnum):
    AVAILABLE = "available"
    AWAITING_UPLOAD = "awaiting_upload"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    DELETING = "deleting"
    FAILED = "failed"
    PENDING = "pending"
    RUNNING = "running"

    @classmethod
    def _missing_(cls, value: object) -> "ImportState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
