"""An archive written out as plain SQL by a pg_restore that connects to nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

from app.errors import Problem
from app.postgres.process import PIPE, ChildProcess
from app.postgres.toolchain import Installation

_ENVIRONMENT: Final = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
_ENTRIES: Final = "entries"


class ScriptFailed(Problem):
    status, code, title = 500, "EXPORT_FAILED", "The archive could not be written as SQL"


class ScriptInterrupted(ScriptFailed):
    """It was killed: nothing says that the next attempt fails too."""

    status, code, title, retryable = 503, "EXPORT_INTERRUPTED", "pg_restore was interrupted", True


async def write_script(
    archive: AsyncIterator[bytes],
    take: Callable[[bytes], Awaitable[None]],
    client: Installation,
    *,
    arguments: Sequence[str],
    entries: bytes | None,
    run_as: tuple[int, int] | None,
) -> None:
    """Gives ``take`` the whole script. ``entries`` is a list of the archive's entries to write, all of them when None.

    Only when it ends by itself was all of the archive read and found right. Raises ScriptFailed, ScriptInterrupted, and
    what ``archive`` and ``take`` raise: the former comes first, since damage explains whatever pg_restore made of it.
    """
    argv = [*client.command("pg_restore"), "--format=custom", "--file=-", *arguments]
    files = {}
    if entries is not None:
        argv.append(f"--use-list={{{_ENTRIES}}}")
        files[_ENTRIES] = entries
    async with ChildProcess.started(
        argv, env=_ENVIRONMENT, files=files, stdin=PIPE, stdout=PIPE, run_as=run_as
    ) as child:
        feeding = asyncio.get_running_loop().create_task(_feed(child, archive))
        try:
            while chunk := await child.read_gathered():
                await take(chunk)
            code = await child.wait()
            await feeding
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
        if code != 0:
            said = " | ".join([line for line in child.stderr_lines if "error" in line][:4])
            because = f": {said}." if said else ", and said nothing on stderr."
            if code < 0:
                raise ScriptInterrupted(f"pg_restore was ended by signal {-code}{because}")
            raise ScriptFailed(f"pg_restore ended with exit code {code}{because}")


async def _feed(child: ChildProcess, archive: AsyncIterator[bytes]) -> None:
    """All of it is read, for the sake of its digest, also when pg_restore wants no more of it."""
    assert child.stdin is not None
    is_read = True
    try:
        async for chunk in archive:
            if is_read:
                child.stdin.write(chunk)
                try:
                    await child.stdin.drain()
                except BrokenPipeError:
                    is_read = False
    finally:
        child.stdin.close()
