from enum import StrEnum


class PointKind(StrEnum):
    ATTRIBUTE = "attribute"
    COLUMNS = "columns"
    DATABASE = "database"
    FUTURE_SCHEMAS = "future_schemas"
    FUTURE_SEQUENCES = "future_sequences"
    FUTURE_TABLES = "future_tables"
    MEMBERSHIP = "membership"
    OWNERSHIP = "ownership"
    SCHEMA = "schema"
    SEQUENCES = "sequences"
    SETTING = "setting"
    TABLES = "tables"

    @classmethod
    def _missing_(cls, value: object) -> "PointKind | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
