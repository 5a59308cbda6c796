from enum import StrEnum


class BackupState(StrEnum):
    AVAILABLE = "available"
    CREATING = "creating"
    DELETED = "deleted"
    DELETING = "deleting"
    FAILED = "failed"
    PARTIAL = "partial"

    @classmethod
    def _missing_(cls, value: object) -> "BackupState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
