from enum import StrEnum


class CredentialWishPreset(StrEnum):
    MIGRATE = "migrate"
    MONITOR = "monitor"
    READ = "read"
    WRITE = "write"

    @classmethod
    def _missing_(cls, value: object) -> "CredentialWishPreset | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
