"""The console script. Every command reads the settings from the environment; what is wrong with them is one line."""

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from pydantic import SecretStr

import app.models  # noqa: F401 (all tables, for what walks over them)
from app.api.server import serve_until_stopped
from app.auth.scopes import PRESETS, Preset, Scope
from app.auth.service import KeyService
from app.db import migrate as migrations
from app.db.engine import create_engine, create_sessions
from app.db.sealed import reseal
from app.embedded.api import CallFailed
from app.embedded.dev import run as run_dev
from app.embedded.errors import ComponentFailed, ComponentMissing
from app.embedded.stack import StackProvider
from app.errors import Problem
from app.kit.clock import utc_now
from app.kit.ids import ProjectId, decode_id
from app.kit.redaction import Redactor, redact
from app.kit.sealing import KeyRing
from app.kit.signatures import generate_secret
from app.logging import configure_logging
from app.main import create_app
from app.providers.railway.drift import drift, introspect, read_introspection, served_schema
from app.runtime import open_runtime
from app.settings import LogSettings, Settings, SettingsInvalid, load_settings, standing_elsewhere, variables
from app.waiting import Ending, WaitRefused, question, wait_for_job
from app.worker import run_worker

Result = TypeVar("Result")

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
keys = typer.Typer(no_args_is_help=True, help="API keys, and the keys of this installation.")
cli.add_typer(keys, name="keys")
railway = typer.Typer(no_args_is_help=True, help="What concerns Railway.")
cli.add_typer(railway, name="railway")


def main() -> None:
    cli()


@cli.command()
def serve() -> None:
    """Run the API, and a worker beside it unless PGM_WORKER__IN_PROCESS is off."""
    settings = _settings()

    async def run() -> None:
        async with open_runtime(settings, role="serve") as runtime:
            await serve_until_stopped(create_app(runtime), runtime, run_worker if settings.worker.in_process else None)

    _run(run())


@cli.command()
def worker(
    label: Annotated[
        str | None, typer.Option(help="Take only jobs of this label; instead of PGM_WORKER__LABEL.")
    ] = None,
) -> None:
    """Run jobs until SIGTERM, on which they are finished or handed back. With a label only those that need a worker in
    this network, such as the private one of a Railway environment.
    """
    settings = _settings()
    label = label or settings.worker.label
    if label is not None:
        settings = standing_elsewhere(settings, label)

    async def run() -> None:
        async with open_runtime(settings, role="worker") as runtime:
            await serve_until_stopped(None, runtime, partial(run_worker, only_label=label is not None))

    _run(run())


@cli.command()
def dev(
    port: Annotated[int, typer.Option(help="Port of the API.")] = 8000,
    directory: Annotated[Path, typer.Option(help="Where the data go and stay.")] = Path(".data/dev"),
    provider: Annotated[
        StackProvider, typer.Option(help="With a simulated Railway beside it, which forgets everything at the end.")
    ] = StackProvider.LOCAL,
) -> None:
    """Run the whole installation on this machine until Ctrl-C: control database, object store, API, worker."""
    configure_logging(LogSettings(level="warning"), redact)
    try:
        _run(run_dev(directory.absolute(), port=port, provider=provider))
    except (ComponentMissing, ComponentFailed, CallFailed) as error:
        typer.echo(f"pgmanager: {error}", err=True)
        raise typer.Exit(1) from None


@cli.command()
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
    try:
        asked = question(url, os.environ.get("PGM_KEY"), job)
        ending = _run(wait_for_job(asked, timeout_seconds=timeout, out=sys.stdout, err=sys.stderr))
    except WaitRefused as error:
        typer.echo(f"pgmanager: {error}", err=True)
        ending = Ending.USAGE
    raise typer.Exit(ending)


@cli.command()
def migrate() -> None:
    """Bring the control database to the newest revision; a second process waits for the first."""
    settings = _settings()
    _run(migrations.upgrade(settings.database_url.get_secret_value()))


@cli.command()
def openapi() -> None:
    """Print the OpenAPI document. Needs no settings and no database."""
    print(json.dumps(create_app().openapi(), indent=2, ensure_ascii=False))


@cli.command("settings")
def show_settings() -> None:
    """Print the table of all settings in Markdown, without their values."""
    print("| variable | default | meaning |\n| --- | --- | --- |")
    for name, field in variables():
        default = "required" if field.is_required() else _shown(field.default)
        print(f"| `{name}` | {default} | {field.description} |")


@keys.command("generate")
def generate_keys() -> None:
    """Print good values for the settings that hold keys. Keep them: what is sealed opens with them only."""
    print(f"PGM_SECRET_KEYS=key1:{KeyRing.generate_key()}")
    print(f"PGM_API_KEY_PEPPER={KeyRing.generate_key()}")
    print(f"PGM_ALERTS__WEBHOOK_SECRETS={generate_secret()}")


@keys.command("reseal")
def reseal_secrets() -> None:
    """Seal every secret at rest with the first key of PGM_SECRET_KEYS. To rotate: put a new key first, run this on all
    processes' common setting, and drop the old key once it says 0.
    """
    settings = _settings()

    async def run() -> int:
        engine = create_engine(
            settings.database_url.get_secret_value(), application_name="pgmanager-reseal", pooled=False
        )
        try:
            return await reseal(create_sessions(engine), KeyRing.parse(settings.secret_keys.get_secret_value()))
        finally:
            await engine.dispose()

    print(f"{_run(run())} secrets were sealed anew")


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    preset: Annotated[Preset | None, typer.Option(help="A usual set of scopes.")] = None,
    scopes: Annotated[
        list[Scope] | None, typer.Option("--scope", "--scopes", help="One scope; may be repeated.")
    ] = None,
    projects: Annotated[list[str] | None, typer.Option("--project", help="Only this project; may be repeated.")] = None,
    expires_days: Annotated[int | None, typer.Option(help="Days until it expires; 0: never.", min=0, max=3650)] = 90,
) -> None:
    """Make an API key and print it, once. Who can run this has the control database anyway, so it asks for no key."""
    wanted = set(scopes or ()) | (PRESETS[preset] if preset else set())
    if not wanted:
        raise typer.BadParameter("give --preset, or --scope at least once")
    project_ids = [_project(text) for text in projects] if projects else None
    expires_in = timedelta(days=expires_days) if expires_days else None
    settings = _settings()

    async def run() -> str:
        engine = create_engine(
            settings.database_url.get_secret_value(), application_name="pgmanager-keys", pooled=False
        )
        try:
            async with create_sessions(engine)() as session, session.begin():
                service = KeyService(session, settings.pepper(), utc_now)
                _, secret = await service.issue(
                    name, wanted, project_ids=project_ids, expires_in=expires_in, actor="cli"
                )
            return secret.get_secret_value()
        finally:
            await engine.dispose()

    print(_run(run()))


@railway.command("schema-check")
def check_railway_schema(
    file: Annotated[Path | None, typer.Argument(help="A saved answer to an introspection query.")] = None,
    endpoint: Annotated[
        str, typer.Option(envvar="PGM_RAILWAY_ENDPOINT", help="What is asked when there is no file; needs no token.")
    ] = Settings.model_fields["railway_endpoint"].default,
    as_json: Annotated[bool, typer.Option("--json", help="Print the differences as JSON.")] = False,
) -> None:
    """Compare Railway's schema with the one that this version was written for. Needs no settings.

    Exit codes: 0 nothing that we ask breaks, 1 something would, 2 the schema cannot be read.
    """
    configure_logging(LogSettings(level="warning"), redact)
    try:
        found = read_introspection(file.read_bytes()) if file else _run(introspect(endpoint))
        differences = drift(served_schema(found))
    except (Problem, OSError) as error:
        typer.echo(f"pgmanager: {error}", err=True)
        raise typer.Exit(2) from None
    breaks = any(difference.breaks for difference in differences)
    if as_json:
        print(json.dumps({"breaks": breaks, "differences": [asdict(difference) for difference in differences]}))
    else:
        for difference in sorted(differences, key=lambda difference: not difference.breaks):
            print(f"{'BREAKS' if difference.breaks else 'differs'}  {difference.where}: {difference.what}")
        print("Something that we ask would break." if breaks else "Nothing that we ask breaks.")
    raise typer.Exit(1 if breaks else 0)


def _settings() -> Settings:
    try:
        settings = load_settings()
    except SettingsInvalid as error:
        typer.echo(f"pgmanager: {error}", err=True)
        raise typer.Exit(2) from None
    configure_logging(settings.log, Redactor(settings.known_secrets()).redact)
    return settings


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _project(text: str) -> ProjectId:
    try:
        return decode_id("prj", text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is {error}") from None


def _shown(default: object) -> str:
    match default:
        case None | () | SecretStr():
            return ""
        case bool():
            return f"`{str(default).lower()}`"
    return f"`{default}`"
