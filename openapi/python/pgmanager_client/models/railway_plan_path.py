from enum import StrEnum


class RailwayPlanPath(StrEnum):
    PATCH = "patch"
    TEMPLATE = "template"

    @classmethod
    def _missing_(cls, value: object) -> "RailwayPlanPath | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
