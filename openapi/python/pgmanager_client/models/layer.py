from enum import StrEnum


class Layer(StrEnum):
    AUTHENTICATION = "authentication"
    CONSUMER = "consumer"
    DNS = "dns"
    FREE_SLOTS = "free_slots"
    LATENCY = "latency"
    PLATFORM = "platform"
    POOL_MODE = "pool_mode"
    READ_WRITE = "read_write"
    TCP = "tcp"
    TLS = "tls"
    VERSION = "version"

    @classmethod
    def _missing_(cls, value: object) -> "Layer | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
