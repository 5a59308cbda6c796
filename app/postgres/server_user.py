"""Under which user a server runs, and whether that user can get to its files: PostgreSQL refuses to run as root."""

import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.postgres.errors import ClusterFailed, DataDirectoryUnreachable

_USUAL: Final = ("postgres", "nobody")


@dataclass(frozen=True)
class ServerUser:
    name: str
    uid: int
    gid: int

    def check_reach(self, paths: Iterable[Path]) -> None:
        """Raises DataDirectoryUnreachable naming the first folder on the way to ``paths`` that this user cannot enter."""
        for path in paths:
            for folder in [*reversed(path.parents), path]:
                if folder.is_dir() and not self._may_enter(folder.stat()):
                    raise DataDirectoryUnreachable(
                        f"The user {self.name}, under which PostgreSQL runs here, cannot enter {folder}, which is on the "
                        f"way to {path}. Allow it (chmod o+x {folder}) or choose another place.",
                        folder=str(folder),
                        user=self.name,
                    )

    def _may_enter(self, found: os.stat_result) -> bool:
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def server_user(name: str | None = None) -> ServerUser | None:
    """The user to switch to: ``name``, else ``postgres``, else ``nobody``. None when we are not root and stay ourselves."""
    if os.geteuid() != 0:
        return None
    for candidate in [name] if name else _USUAL:
        try:
            entry = pwd.getpwnam(candidate)
        except KeyError:
            continue
        return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise ClusterFailed(
        f"PostgreSQL does not run as root and this machine has no user {name or ' or '.join(_USUAL)}. "
        "Create one, or name another in the settings."
    )
