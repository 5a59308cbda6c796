from enum import StrEnum


class PasswordKind(StrEnum):
    MD5 = "md5"
    NONE = "none"
    SCRAM = "scram"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "PasswordKind | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
