"""A copy of a volume that a server can start with, also of one whose server writes meanwhile.

The platform's own snapshot is one instant of the disk. Here it is PostgreSQL's way to copy files under a running server:
between the start and the stop of a backup, with the log of what happened in between.
"""

import os
from pathlib import Path
from typing import Final

import asyncpg

from app.postgres.process import run

_COPY_SECONDS: Final = 300.0
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
_RENAMED_IN_15: Final = 15


async def copy_volume(source: Path, copied: Path, session: "asyncpg.Connection[asyncpg.Record] | None" = None) -> None:
    """``session`` is a superuser's on the server that runs over ``source``; none when no server does."""
    if session is None:
        await _copy(source, copied)
    else:
        await _copy_served(source, copied, session)
    for name in ("postmaster.pid", "postmaster.opts"):
        (copied / "data" / name).unlink(missing_ok=True)
    (copied / "server.log").write_bytes(b"")


async def _copy_served(source: Path, copied: Path, session: "asyncpg.Connection[asyncpg.Record]") -> None:
    renamed = session.get_server_version().major >= _RENAMED_IN_15
    # Holds the log back that the copy needs, until the session ends.
    await session.execute("SELECT pg_create_physical_replication_slot('simulator_copy', true, true)")
    started = "pg_backup_start('copy', true)" if renamed else "pg_start_backup('copy', true, false)"
    await session.execute(f"SELECT {started}")
    await _copy(source, copied)
    stopped = "pg_backup_stop(false)" if renamed else "pg_stop_backup(false, false)"
    label = await session.fetchval(f"SELECT labelfile FROM {stopped}")
    await _copy(source / "data" / "pg_wal", copied / "data" / "pg_wal")
    data = copied / "data"
    (data / "backup_label").write_text(label)
    owner = data.stat()
    os.chown(data / "backup_label", owner.st_uid, owner.st_gid)
    await session.execute("SELECT pg_drop_replication_slot('simulator_copy')")


async def _copy(source: Path, to: Path) -> None:
    finished = await run(
        ["cp", "--archive", "--reflink=auto", "--no-target-directory", "--", str(source), str(to)],
        env=_ENVIRONMENT,
        timeout_seconds=_COPY_SECONDS,
    )
    # A running server removes files, which its log makes up for.
    serious = [line for line in finished.stderr_lines if not line.endswith("No such file or directory")]
    if serious or finished.returncode not in (0, 1):
        raise OSError(f"{source} could not be copied: {' | '.join(serious)}")
