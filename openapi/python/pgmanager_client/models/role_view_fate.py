from enum import StrEnum


class RoleViewFate(StrEnum):
    CREATED = "created"
    MAPPED = "mapped"
    PRESENT = "present"
    STRIPPED = "stripped"

    @classmethod
    def _missing_(cls, value: object) -> "RoleViewFate | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
