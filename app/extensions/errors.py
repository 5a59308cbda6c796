"""What can stand against a change of extensions."""

from collections.abc import Sequence
from uuid import UUID

from app.errors import Conflict, NotFound, Unprocessable
from app.kit.ids import encode_id


class ExtensionNotInstalled(NotFound):
    def __init__(self, name: str, logical_database: str) -> None:
        super().__init__(f"The database {logical_database!r} does not have the extension {name}.")


class ExtensionUnavailable(Conflict):
    code, title = "EXTENSION_UNAVAILABLE", "The server does not have the extension"

    def __init__(self, name: str, near: Sequence[str]) -> None:
        guess = f" Did you mean {' or '.join(near)}?" if near else ""
        super().__init__(
            f"The server's packages lack {name}.{guess} It has to be installed where the server runs; at Railway that takes an "
            "image which contains it."
        )


class ExtensionVersionUnknown(Unprocessable):
    code, title = "EXTENSION_VERSION_UNKNOWN", "The server does not have this version of the extension"

    def __init__(self, name: str, version: str, versions: Sequence[str]) -> None:
        super().__init__(
            f"The server does not have version {version} of {name}; it has {', '.join(versions) or 'none'}.",
            versions=list(versions),
        )


class PreloadRequired(Conflict):
    code, title = "PRELOAD_REQUIRED", "The server has to load a library first"

    def __init__(self, database_id: UUID, name: str, library: str, preloaded: str) -> None:
        libraries = f"{preloaded}, {library}" if preloaded.strip() else library
        path = f"/v1/databases/{encode_id('db', database_id)}/settings"
        super().__init__(
            f"{name} works only where the server has loaded {library} when it started. PATCH {path} with the values of "
            "`remedy`, which restarts the server, then try again.",
            remedy={
                "method": "PATCH",
                "path": path,
                "body": {"values": {"shared_preload_libraries": libraries}, "allow_restart": True},
            },
        )
