from enum import StrEnum


class VerificationState(StrEnum):
    CANCELLED = "cancelled"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    PASSED = "passed"
    PENDING = "pending"
    RUNNING = "running"
    UNVERIFIABLE = "unverifiable"

    @classmethod
    def _missing_(cls, value: object) -> "VerificationState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
