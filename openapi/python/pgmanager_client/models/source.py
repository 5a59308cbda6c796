from enum import StrEnum


class Source(StrEnum):
    ALTER_SYSTEM = "alter_system"
    COMMAND_LINE = "command_line"
    DEFAULT = "default"
    ENVIRONMENT = "environment"
    FILE = "file"
    SERVER = "server"

    @classmethod
    def _missing_(cls, value: object) -> "Source | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
