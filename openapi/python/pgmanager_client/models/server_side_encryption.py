from enum import StrEnum


class ServerSideEncryption(StrEnum):
    AES256 = "AES256"
    AWSKMS = "aws:kms"

    @classmethod
    def _missing_(cls, value: object) -> "ServerSideEncryption | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
