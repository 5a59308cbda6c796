from enum import StrEnum


class IntentOutcome(StrEnum):
    DONE = "done"
    GIVEN_UP = "given_up"
    UNDONE = "undone"

    @classmethod
    def _missing_(cls, value: object) -> "IntentOutcome | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
