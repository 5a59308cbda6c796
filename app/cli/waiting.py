"""Following a job from a shell."""

import os
import sys
from typing import Annotated

import typer

from app.cli.starting import run


def wait(
    job: Annotated[str, typer.Argument(help="Id of the job.")],
    timeout: Annotated[
        float, typer.Option(help="Seconds; the exit code is then 40, or 50 without any answer.", min=0)
    ] = 3600,
    url: Annotated[str | None, typer.Option(envvar="PGM_URL", help="Address of the API.")] = None,
) -> None:
    """Wait until a job has ended, also across restarts of the API, and print it as JSON. The key is taken from PGM_KEY.

    Exit codes: 0 succeeded, 30 failed, 31 cancelled, 40 still running, 50 the API is unreachable, 2 wrong job, key or
    address.
    """
    from app.waiting import Ending, WaitRefused, question, wait_for_job

    try:
        asked = question(url, os.environ.get("PGM_KEY"), job)
        ending = run(wait_for_job(asked, timeout_seconds=timeout, out=sys.stdout, err=sys.stderr))
    except WaitRefused as error:
        typer.echo(f"pgmanager: {error}", err=True)
        ending = Ending.USAGE
    raise typer.Exit(ending)
