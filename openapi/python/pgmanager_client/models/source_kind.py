from enum import StrEnum


class SourceKind(StrEnum):
    OBJECT = "object"
    UPLOAD = "upload"
    URL = "url"

    @classmethod
    def _missing_(cls, value: object) -> "SourceKind | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
