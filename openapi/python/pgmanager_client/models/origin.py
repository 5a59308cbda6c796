from enum import StrEnum


class Origin(StrEnum):
    FINAL = "final"
    IMPORTED = "imported"
    MANUAL = "manual"
    SAFETY = "safety"
    SCHEDULED = "scheduled"

    @classmethod
    def _missing_(cls, value: object) -> "Origin | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
