from enum import StrEnum


class Compression(StrEnum):
    GZIP = "gzip"
    LZ4 = "lz4"
    NONE = "none"
    ZSTD = "zstd"

    @classmethod
    def _missing_(cls, value: object) -> "Compression | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
