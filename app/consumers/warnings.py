"""What is unwise about a variable that leads to a database."""

from collections.abc import Iterable
from typing import Final

from app.connections.endpoints import EndpointKind

# Build tools write variables of these names into the files that they send to browsers.
SHIPPED_TO_BROWSERS: Final = ("NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "NUXT_PUBLIC_")
FORMER: Final = "DATABASE_PRIVATE_URL"
WRITTEN_OUT: Final = (
    "The address is written out, so it does not follow when it changes, as the public port does each time: refer to the "
    "database's variables instead (PUT /v1/databases/{id}/consumers/{service})."
)
_SECRET: Final = ("URL", "PASSWORD")


def warnings_about(variable: str, reads: Iterable[str], endpoint: EndpointKind | None) -> list[str]:
    """``reads``: the names of the database's variables in its value."""
    reads = list(reads)
    found = []
    prefix = next((prefix for prefix in SHIPPED_TO_BROWSERS if variable.startswith(prefix)), None)
    if prefix is not None and any(name.endswith(_SECRET) for name in reads):
        found.append(
            f"Build tools send variables that begin with {prefix} to every browser, and this one holds the login of the "
            "database. Give it another name, and rotate the login if it was ever deployed so."
        )
    if endpoint is EndpointKind.PUBLIC:
        found.append(
            "A service inside Railway that uses the public address pays for egress, and is slower: the private endpoint "
            "costs nothing."
        )
    if FORMER in reads:
        found.append(
            f"{FORMER} is a former name that nothing sets any more: refer to DATABASE_URL, which is private today."
        )
    return found
