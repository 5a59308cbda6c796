from enum import StrEnum


class LayerStatus(StrEnum):
    FAIL = "fail"
    OK = "ok"
    SKIPPED = "skipped"
    WARN = "warn"

    @classmethod
    def _missing_(cls, value: object) -> "LayerStatus | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
