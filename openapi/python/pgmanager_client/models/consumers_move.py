from enum import StrEnum


class ConsumersMove(StrEnum):
    LEAVE = "leave"
    MOVE = "move"

    @classmethod
    def _missing_(cls, value: object) -> "ConsumersMove | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
