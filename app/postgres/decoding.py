"""Reading an archive as pg_restore would, and throwing away what it gives: every block is decompressed and looked at."""

from collections.abc import AsyncIterator
from typing import Final

from app.postgres.process import PIPE, ChildProcess
from app.postgres.restore import Telling, Told, feed
from app.postgres.toolchain import Installation

_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent"}


async def decode_archive(
    archive: AsyncIterator[bytes], client: Installation, *, run_as: tuple[int, int] | None, telling: Telling
) -> None:
    """Reads ``archive`` to its end. Listing it would not do: a list stands at the front, and says nothing of the rest.

    Raises RestoreFailed, RestoreInterrupted, and whatever ``archive`` raises.
    """
    told = Told(telling)
    async with ChildProcess.started(
        [*client.command("pg_restore"), "--format=custom", "--file=/dev/null"],
        env=_ENVIRONMENT,
        stdin=PIPE,
        run_as=run_as,
        on_stderr_line=told.take,
    ) as child:
        code = await feed(child, archive, told, telling)
    if code != 0:
        raise told.problem(code)
