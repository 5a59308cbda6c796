from enum import StrEnum


class VerificationLevel(StrEnum):
    V0 = "V0"
    V1 = "V1"
    V2 = "V2"

    @classmethod
    def _missing_(cls, value: object) -> "VerificationLevel | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
