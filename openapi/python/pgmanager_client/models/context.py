from enum import StrEnum


class Context(StrEnum):
    BACKEND = "backend"
    INTERNAL = "internal"
    POSTMASTER = "postmaster"
    SIGHUP = "sighup"
    SUPERUSER = "superuser"
    SUPERUSER_BACKEND = "superuser-backend"
    USER = "user"

    @classmethod
    def _missing_(cls, value: object) -> "Context | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
