"""The processes of an installation, and the whole of it on one machine."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from app.cli.starting import log_without_settings, read_settings, run
from app.embedded.provider import StackProvider


def serve() -> None:
    """Run the API, and a worker beside it unless PGM_WORKER__IN_PROCESS is off."""
    settings = read_settings()

    from app.api.server import serve_until_stopped
    from app.main import create_app
    from app.runtime import open_runtime
    from app.worker import run_worker

    async def serving() -> None:
        async with open_runtime(settings, role="serve") as runtime:
            await serve_until_stopped(create_app(runtime), runtime, run_worker if settings.worker.in_process else None)

    run(serving())


def worker(
    label: Annotated[
        str | None, typer.Option(help="Take only jobs of this label; instead of PGM_WORKER__LABEL.")
    ] = None,
) -> None:
    """Run jobs until SIGTERM, on which they are finished or handed back. With a label only those that need a worker in
    this network, such as the private one of a Railway environment.
    """
    settings = read_settings()

    import app.models  # noqa: F401 (a table refers to others, so all of them must be known)
    from app.api.server import serve_until_stopped
    from app.runtime import open_runtime
    from app.settings import standing_elsewhere
    from app.worker import run_worker

    label = label or settings.worker.label
    if label is not None:
        settings = standing_elsewhere(settings, label)

    async def working() -> None:
        async with open_runtime(settings, role="worker") as runtime:
            await serve_until_stopped(None, runtime, partial(run_worker, only_label=label is not None))

    run(working())


def dev(
    port: Annotated[int, typer.Option(help="Port of the API.")] = 8000,
    directory: Annotated[Path, typer.Option(help="Where the data go and stay.")] = Path(".data/dev"),
    provider: Annotated[
        StackProvider, typer.Option(help="With a simulated Railway beside it, which forgets everything at the end.")
    ] = StackProvider.LOCAL,
) -> None:
    """Run the whole installation on this machine until Ctrl-C: control database, object store, API, worker."""
    from app.embedded.api import CallFailed
    from app.embedded.dev import run as run_dev
    from app.embedded.errors import ComponentFailed, ComponentMissing

    log_without_settings()
    try:
        run(run_dev(directory.absolute(), port=port, provider=provider))
    except (ComponentMissing, ComponentFailed, CallFailed) as error:
        typer.echo(f"pgmanager: {error}", err=True)
        raise typer.Exit(1) from None


def migrate() -> None:
    """Bring the control database to the newest revision; a second process waits for the first."""
    settings = read_settings()

    from app.db.migrate import upgrade

    run(upgrade(settings.database_url.get_secret_value()))
