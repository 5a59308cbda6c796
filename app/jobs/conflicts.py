"""Which kinds of work exclude each other on one database.

Every job kind names its class. Two jobs whose classes stand in the table below never hold the same database at once.
"""

from enum import StrEnum


class ConflictClass(StrEnum):
    LIFECYCLE = "lifecycle"  # create, delete, restore in place: nothing else may touch the server meanwhile
    RESTART = "restart"
    BACKUP = "backup"
    RESTORE = "restore"  # into a logical database that did not exist before
    CHANGE = "change"  # of what the provider keeps about a running server: its size, limits, name, variables
    SNAPSHOT = "snapshot"  # the provider's own copies of its volume
    LOGINS = "logins"  # who may log in, with which password, and what applications are told of it
    POOLER = "pooler"  # the PgBouncer before the server
    OBSERVE = "observe"  # reads only, blocks nothing and is blocked by nothing but the end of the database


class Scope(StrEnum):
    DATABASE = "database"
    SUBJECT = "subject"  # only where both name the same logical database


_EVERYTHING_BUT_OBSERVE = frozenset(ConflictClass) - {ConflictClass.OBSERVE}

_PAIRS: dict[tuple[ConflictClass, ConflictClass], Scope] = {
    **{(ConflictClass.LIFECYCLE, other): Scope.DATABASE for other in _EVERYTHING_BUT_OBSERVE},
    # A restart would end the dump or the restore half-way.
    (ConflictClass.RESTART, ConflictClass.RESTART): Scope.DATABASE,
    (ConflictClass.RESTART, ConflictClass.BACKUP): Scope.DATABASE,
    (ConflictClass.RESTART, ConflictClass.RESTORE): Scope.DATABASE,
    # Two dumps of one logical database double its load and give the same thing twice.
    (ConflictClass.BACKUP, ConflictClass.BACKUP): Scope.SUBJECT,
    (ConflictClass.RESTORE, ConflictClass.RESTORE): Scope.SUBJECT,
    # Each decides by what it read of the same service, and may lead to a deployment of it.
    (ConflictClass.CHANGE, ConflictClass.CHANGE): Scope.DATABASE,
    (ConflictClass.CHANGE, ConflictClass.RESTART): Scope.DATABASE,
    # Each decides by who is current, and writes the variables that say so.
    (ConflictClass.LOGINS, ConflictClass.LOGINS): Scope.DATABASE,
    (ConflictClass.LOGINS, ConflictClass.CHANGE): Scope.DATABASE,
    (ConflictClass.LOGINS, ConflictClass.RESTART): Scope.DATABASE,
    (ConflictClass.POOLER, ConflictClass.POOLER): Scope.DATABASE,
    (ConflictClass.POOLER, ConflictClass.CHANGE): Scope.DATABASE,
    # A volume that grows or loses its server meanwhile is not the one that was to be copied.
    (ConflictClass.SNAPSHOT, ConflictClass.SNAPSHOT): Scope.DATABASE,
    (ConflictClass.SNAPSHOT, ConflictClass.CHANGE): Scope.DATABASE,
    (ConflictClass.SNAPSHOT, ConflictClass.RESTART): Scope.DATABASE,
}


def excluded_by(own: ConflictClass, scope: Scope) -> list[str]:
    """The classes that a job of class ``own`` cannot share a database with, seen in both directions of the table."""
    return sorted(
        {str(other) for (one, other), found in _PAIRS.items() if one is own and found is scope}
        | {str(one) for (one, other), found in _PAIRS.items() if other is own and found is scope}
    )
