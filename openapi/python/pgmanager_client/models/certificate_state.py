from enum import StrEnum


class CertificateState(StrEnum):
    CHANGED = "changed"
    EXPIRED = "expired"
    NO_TLS = "no_tls"
    TRUSTED = "trusted"
    UNPINNED = "unpinned"
    UNSEEN = "unseen"

    @classmethod
    def _missing_(cls, value: object) -> "CertificateState | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
