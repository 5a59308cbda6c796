"""Data directories in a third of the time: initdb runs once for each kind of server, and what it made is unpacked again.

Servers made so have one system identifier, which nothing of ours looks at.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from app.postgres.cluster import Cluster
from app.postgres.identifiers import literal, quoted
from app.postgres.process import run

INITDB: Final = Cluster._initdb
_NAME: Final = "_initdb"
_SECONDS: Final = 120.0
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@contextmanager
def initdb_runs_once(directory: Path) -> Iterator[None]:
    """In this process, until the context ends. What it made is kept in ``directory``, for others too."""
    directory.mkdir(exist_ok=True)

    async def unpack(cluster: Cluster) -> None:
        packed = directory / f"{_kind(cluster)}.tar"
        if not packed.exists():
            await INITDB(cluster)
            await _pack(cluster, packed)
            return
        await _asserted(cluster, ["tar", "--extract", f"--file={packed}", f"--directory={cluster.files.data}"])
        await _set_password(cluster)

    before = getattr(Cluster, _NAME)
    # Past the type checker: nothing but tests would have a use for a way to choose it.
    setattr(Cluster, _NAME, unpack)
    try:
        yield
    finally:
        setattr(Cluster, _NAME, before)


def _kind(cluster: Cluster) -> str:
    spec = cluster.spec
    kind = (cluster.installation.bin_dir, cluster.installation.version, spec.superuser, spec.encoding, spec.locale)
    return sha256(repr(kind).encode()).hexdigest()[:16]


async def _pack(cluster: Cluster, packed: Path) -> None:
    """Under its name when it is whole: several may be made at once."""
    draft = packed.with_name(f"{packed.name}.{secrets.token_hex(4)}")
    # A new log of the changes, most of which are holes that need not be written again. Some builds lack the program.
    if (cluster.installation.bin_dir / "pg_resetwal").exists():
        await _asserted(cluster, [*cluster.installation.command("pg_resetwal"), f"--pgdata={cluster.files.data}"])
    await _asserted(
        None,
        [
            "tar",
            "--create",
            "--sparse",
            "--hole-detection=raw",
            f"--file={draft}",
            f"--directory={cluster.files.data}",
            ".",
        ],
    )
    draft.chmod(0o644)
    draft.replace(packed)


async def _set_password(cluster: Cluster) -> None:
    spec = cluster.spec
    server = [*cluster.installation.command("postgres"), "--single", "-F", "-D", str(cluster.files.data), "postgres"]
    statement = f"ALTER ROLE {quoted(spec.superuser)} PASSWORD {literal(spec.password.get_secret_value())}\n"
    await _asserted(cluster, ["/bin/sh", "-c", 'exec "$@" <"$STATEMENT"', "postgres", *server], STATEMENT=statement)


async def _asserted(cluster: Cluster | None, argv: list[str], **kept: str) -> None:
    run_as = cluster._run_as if cluster else None
    done = await run(argv, env=_ENVIRONMENT, secrets=kept, run_as=run_as, timeout_seconds=_SECONDS)
    assert done.returncode == 0, (argv, done.stderr_lines)
