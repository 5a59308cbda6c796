"""What the commands begin with: the settings, an event loop, the control database."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer
import uvloop

from app.errors import Problem
from app.kit.ids import ProjectId, decode_id

if TYPE_CHECKING:
    from app.db.engine import Sessions
    from app.settings import Settings

Result = TypeVar("Result")


def read_settings() -> "Settings":
    """Ends the program where they are wrong. From here on the log knows the secrets that it must not show."""
    from app.kit.redaction import Redactor
    from app.logging import configure_logging
    from app.settings import SettingsInvalid, load_settings

    try:
        settings = load_settings()
    except SettingsInvalid as error:
        typer.echo(f"pgmanager: {error}", err=True)
        raise typer.Exit(2) from None
    configure_logging(settings.log, Redactor(settings.known_secrets()).redact)
    return settings


def log_without_settings() -> None:
    """For commands that need none: warnings, without what looks like a secret."""
    from app.kit.redaction import redact
    from app.logging import configure_logging
    from app.settings import LogSettings

    configure_logging(LogSettings(level="warning"), redact)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


async def in_control(settings: "Settings", name: str, work: "Callable[[Sessions], Awaitable[Result]]") -> Result:
    import app.models  # noqa: F401 (a table refers to others, so all of them must be known)
    from app.db.engine import create_engine, create_sessions

    engine = create_engine(settings.database_url.get_secret_value(), application_name=f"pgmanager-{name}", pooled=False)
    try:
        return await work(create_sessions(engine))
    except Problem as problem:
        raise SystemExit(f"pgmanager: {problem.detail}") from None
    finally:
        await engine.dispose()


def read_file(file: Path) -> str:
    try:
        return file.read_text()
    except OSError as error:
        typer.echo(f"pgmanager: {file} cannot be read: {error.strerror}", err=True)
        raise typer.Exit(2) from None


def project_id(text: str) -> ProjectId:
    try:
        return decode_id("prj", text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is {error}") from None
