from enum import StrEnum


class DatabaseState(StrEnum):
    AVAILABLE = "available"
    CREATING = "creating"
    DELETED = "deleted"
    DELETING = "deleting"
    FAILED = "failed"
    MISSING = "missing"
    RESTARTING = "restarting"
    RESTORING = "restoring"
    UNREACHABLE = "unreachable"
    UPDATING = "updating"

    @classmethod
    def _missing_(cls, value: object) -> "DatabaseState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
