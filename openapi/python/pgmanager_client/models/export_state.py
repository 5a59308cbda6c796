from enum import StrEnum


class ExportState(StrEnum):
    AVAILABLE = "available"
    CANCELLED = "cancelled"
    DELETED = "deleted"
    DELETING = "deleting"
    FAILED = "failed"
    PENDING = "pending"
    RUNNING = "running"

    @classmethod
    def _missing_(cls, value: object) -> "ExportState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
