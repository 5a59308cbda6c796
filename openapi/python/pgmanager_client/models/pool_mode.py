from enum import StrEnum


class PoolMode(StrEnum):
    SESSION = "session"
    STATEMENT = "statement"
    TRANSACTION = "transaction"

    @classmethod
    def _missing_(cls, value: object) -> "PoolMode | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
