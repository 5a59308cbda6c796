"""What runs on this machine, as the kernel tells it."""

from pathlib import Path


def processes_of(directory: Path) -> list[str]:
    """Command lines of the processes that name ``directory`` or work in it."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            folder = (process / "cwd").readlink()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if str(directory) in command or folder.is_relative_to(directory):
            found.append(command)
    return found
