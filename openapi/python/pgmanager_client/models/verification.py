from enum import StrEnum


class Verification(StrEnum):
    FAILED = "failed"
    NONE = "none"
    PASSED = "passed"
    RUNNING = "running"
    UNVERIFIABLE = "unverifiable"

    @classmethod
    def _missing_(cls, value: object) -> "Verification | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
