from enum import StrEnum


class EndpointKind(StrEnum):
    POOLED = "pooled"
    PRIVATE = "private"
    PUBLIC = "public"
    READ = "read"

    @classmethod
    def _missing_(cls, value: object) -> "EndpointKind | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
