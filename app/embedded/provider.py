"""What the stack offers, apart from the stack itself, so that a command line is read without it."""

from enum import StrEnum


class StackProvider(StrEnum):
    """Where the stack's databases are to be: on this machine, or on a Railway that is simulated beside it."""

    LOCAL = "local"
    RAILWAY_SIMULATOR = "railway-simulator"
