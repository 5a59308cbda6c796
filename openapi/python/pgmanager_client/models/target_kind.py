from enum import StrEnum


class TargetKind(StrEnum):
    IN_PLACE = "in_place"
    LOGICAL_DATABASE = "logical_database"
    NEW_DATABASE = "new_database"
    ROWS = "rows"
    TABLES = "tables"

    @classmethod
    def _missing_(cls, value: object) -> "TargetKind | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
