from enum import StrEnum


class ConnectionState(StrEnum):
    AVAILABLE = "available"
    DELETED = "deleted"
    REFUSED = "refused"

    @classmethod
    def _missing_(cls, value: object) -> "ConnectionState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
