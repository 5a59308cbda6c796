from enum import StrEnum


class PoolerState(StrEnum):
    CREATING = "creating"
    DELETED = "deleted"
    DELETING = "deleting"
    FAILED = "failed"
    RUNNING = "running"
    STOPPED = "stopped"

    @classmethod
    def _missing_(cls, value: object) -> "PoolerState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
