"""One row of the table, and the layers that it is ordered by."""

from dataclasses import dataclass
from enum import StrEnum


class Layer(StrEnum):
    """In the order in which a connection passes them."""

    CONSUMER = "consumer"
    PLATFORM = "platform"
    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    AUTHENTICATION = "authentication"
    VERSION = "version"
    LATENCY = "latency"
    READ_WRITE = "read_write"
    POOL_MODE = "pool_mode"
    FREE_SLOTS = "free_slots"


@dataclass(frozen=True, slots=True)
class Trouble:
    """``shows`` is what clients report, or the SQLSTATE; ``words`` are in the server's message where a state has several causes."""

    code: str
    layer: Layer
    shows: str
    cause: str
    remedy: str
    sqlstate: str | None = None
    words: str | None = None
