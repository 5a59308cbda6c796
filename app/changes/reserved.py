"""Variables of a database's service that nobody sets by hand, and why: the server, or Railway, would not follow."""

from collections.abc import Iterable
from typing import Final

_INITIAL: Final = (
    "the server reads it only when its data directory is empty, so the password would stay as it is while everybody "
    "else is told another; rotating the login changes both"
)
_LOGIN: Final = "the server was initialised with it and does not read it again"
_COMPOSED: Final = "it is composed of the others, and applications find the database by it"
_OLD: Final = "it is a former name of DATABASE_URL, which nothing sets any more"
_PLATFORM: Final = "Railway sets it"
_SETTINGS_OF_PLATFORM: Final = frozenset(
    {"RAILWAY_RUN_UID", "RAILWAY_SHM_SIZE_BYTES", "RAILWAY_DEPLOYMENT_DRAINING_SECONDS"}
)
_REASONS: Final = {
    "POSTGRES_PASSWORD": _INITIAL,
    "PGPASSWORD": _INITIAL,
    "POSTGRES_USER": _LOGIN,
    "POSTGRES_DB": _LOGIN,
    "PGDATA": _LOGIN,
    "PGUSER": _COMPOSED,
    "PGDATABASE": _COMPOSED,
    "PGHOST": _COMPOSED,
    "PGPORT": _COMPOSED,
    "DATABASE_URL": _COMPOSED,
    "DATABASE_PUBLIC_URL": _COMPOSED,
    "DATABASE_PRIVATE_URL": _OLD,
}


def reasons_against(names: Iterable[str]) -> dict[str, str]:
    """Empty if all of them may be set and removed."""
    return {name: reason for name in names if (reason := _reason(name))}


def _reason(name: str) -> str | None:
    if name.startswith("RAILWAY_") and name not in _SETTINGS_OF_PLATFORM:
        return _PLATFORM
    return _REASONS.get(name)
