from enum import StrEnum


class Priced(StrEnum):
    BACKUP = "backup"
    BUCKET = "bucket"
    CPU = "cpu"
    EGRESS = "egress"
    MEMORY = "memory"
    VOLUME = "volume"

    @classmethod
    def _missing_(cls, value: object) -> "Priced | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
