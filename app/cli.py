"""The console script. Every command reads the settings from the environment; what is wrong with them is one line."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from pydantic import SecretStr, ValidationError

import app.models  # noqa: F401 (all tables, for what walks over them)
from app.api.server import serve_until_stopped
from app.auth.scopes import PRESETS, Preset, Scope
from app.auth.service import KeyService
from app.catalogue.schemas import Place, RebuildReport
from app.catalogue.service import CatalogueService
from app.db import migrate as migrations
from app.db.engine import Sessions, create_engine, create_sessions
from app.db.sealed import reseal
from app.embedded.api import CallFailed
from app.embedded.dev import run as run_dev
from app.embedded.errors import ComponentFailed, ComponentMissing
from app.embedded.stack import StackProvider
from app.errors import Problem
from app.kit.age import Identity, read_identities
from app.kit.clock import utc_now
from app.kit.ids import ProjectId, decode_id
from app.kit.redaction import Redactor, redact
from app.kit.sealing import KeyRing
from app.kit.signatures import generate_secret
from app.locations.decrypting import open_age_file
from app.locations.from_environment import add_from_environment
from app.locations.identity import identities as identities_of
from app.locations.identity import rotate_identity
from app.logging import configure_logging
from app.main import create_app
from app.postgres.toolchain import Toolchain
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
identity = typer.Typer(no_args_is_help=True, help="The age key of this installation, which opens its backups.")
cli.add_typer(identity, name="identity")


def main() -> None:
    try:
        cli()
    except Problem as problem:
        typer.echo(f"pgmanager: {problem.detail}", err=True)
        sys.exit(2)


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
    key_ring = KeyRing.parse(settings.secret_keys.get_secret_value())
    count = _run(_in_control(settings, "reseal", lambda sessions: reseal(sessions, key_ring)))
    print(f"{count} secrets were sealed anew")


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

    async def issue(sessions: Sessions) -> str:
        async with sessions() as session, session.begin():
            service = KeyService(session, settings.pepper(), utc_now)
            _, secret = await service.issue(name, wanted, project_ids=project_ids, expires_in=expires_in, actor="cli")
        return secret.get_secret_value()

    print(_run(_in_control(settings, "keys", issue)))


@identity.command("export")
def export_identity(
    reveal: Annotated[bool, typer.Option("--reveal", help="Yes, print secret keys.")] = False,
) -> None:
    """Print the secret keys that open the backups, as a file for `age -i` and `pgmanager decrypt --identity`.

    Keep it in a safe, apart from the bucket: with both, and without anything else, every backup can be restored.
    """
    if not reveal:
        raise typer.BadParameter(
            "this prints secret keys; say --reveal, and redirect the output to where it is to stay"
        )
    settings = _settings()
    keys_found = _run(_in_control(settings, "identity", partial(_identities, settings)))
    typer.echo("pgmanager: whoever has this output and the bucket can read every backup", err=True)
    for key in keys_found:
        print(f"# public key: {key.recipient}\n{key.secret.get_secret_value()}")


@identity.command("rotate")
def rotate_backup_identity() -> None:
    """Make a new key for the backups from now on. The old ones stay, and still open what was encrypted to them."""
    settings = _settings()

    async def rotate(sessions: Sessions) -> str:
        async with sessions() as session, session.begin():
            key_ring = KeyRing.parse(settings.secret_keys.get_secret_value())
            return str(await rotate_identity(session, key_ring))

    print(_run(_in_control(settings, "identity", rotate)))
    typer.echo("pgmanager: run `pgmanager identity export` again, and put the output into the safe", err=True)


@cli.command()
def decrypt(
    file: Annotated[str, typer.Argument(help="An age file; - for standard input.")] = "-",
    identities: Annotated[
        list[Path] | None, typer.Option("--identity", "-i", help="File of age keys; may be repeated.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Appears when all is well; else standard output.")
    ] = None,
) -> None:
    """Open a downloaded backup, with the keys of a file, or those of this installation when none is given.

    No byte is written that was not authenticated; but whether anything is missing is known at the end only, so look at
    the exit code: 0 all is well, 1 the file is damaged or cut off, 3 no key at hand opens it, 2 wrong usage.
    """
    raise typer.Exit(open_age_file(file, output, _keys(identities)))


@cli.command("rebuild-catalogue")
def rebuild_catalogue(
    identities: Annotated[list[Path], typer.Option("--identity", "-i", help="File of age keys; may be repeated.")],
    location: Annotated[Path | None, typer.Option(help="The bucket, as JSON like that of POST /v1/locations.")] = None,
    from_env: Annotated[
        bool, typer.Option("--location-from-env", help="The bucket by S3_ENDPOINT, S3_BUCKET, S3_PREFIX and so on.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Make the rows of every backup in a bucket anew, from its manifests alone. What is there already stays as it is.

    Exit codes: 0 all is well, 1 something in the bucket is broken, or no key opens it; 2 wrong usage, or no bucket.
    """
    if from_env == (location is not None):
        raise typer.BadParameter("give --location FILE or --location-from-env")
    try:
        place = Place.from_environment(os.environ) if location is None else Place.model_validate_json(_read(location))
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)
        )
        typer.echo(f"pgmanager: the location is incomplete: {wrong}", err=True)
        raise typer.Exit(2) from None
    found, settings = _keys(identities), _settings()

    async def run() -> RebuildReport:
        await migrations.upgrade(settings.database_url.get_secret_value())
        async with open_runtime(settings, role="worker", toolchain=Toolchain(())) as runtime:
            return await CatalogueService(runtime, place).rebuild(found)

    report = _run(run())
    print(report.model_dump_json(indent=2) if as_json else "\n".join(report.lines()))
    raise typer.Exit(1 if report.broken or report.without_key else 0)


@cli.command("location-from-env")
def add_location_from_env(
    project: Annotated[str, typer.Option(help="Id of the project.")],
    name: Annotated[str, typer.Option(help="Of the location.")] = "minio",
    allow_insecure: Annotated[bool, typer.Option("--allow-insecure", help="Also without TLS.")] = False,
) -> None:
    """Add the location that MINIO_ENDPOINT, MINIO_BUCKET, MINIO_ACCESS_KEY and so on describe, and print its id."""
    wish = {"project_id": _project(project), "name": name, "allow_insecure": allow_insecure}
    settings = _settings()
    print(_run(_in_control(settings, "location", partial(add_from_environment, settings, dict(os.environ), wish))))


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


def _keys(files: list[Path] | None) -> list[Identity]:
    """Of the files, or of this installation."""
    if not files:
        settings = _settings()
        return _run(_in_control(settings, "identity", partial(_identities, settings)))
    try:
        return [key for file in files for key in read_identities(_read(file))]
    except ValueError as error:
        typer.echo(f"pgmanager: no file of age keys: {error}", err=True)
        raise typer.Exit(2) from None


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError as error:
        typer.echo(f"pgmanager: {file} cannot be read: {error.strerror}", err=True)
        raise typer.Exit(2) from None


async def _identities(settings: Settings, sessions: Sessions) -> list[Identity]:
    async with sessions() as session:
        return await identities_of(session, KeyRing.parse(settings.secret_keys.get_secret_value()))


async def _in_control(settings: Settings, name: str, work: Callable[[Sessions], Awaitable[Result]]) -> Result:
    engine = create_engine(settings.database_url.get_secret_value(), application_name=f"pgmanager-{name}", pooled=False)
    try:
        return await work(create_sessions(engine))
    except Problem as problem:
        raise SystemExit(f"pgmanager: {problem.detail}") from None
    finally:
        await engine.dispose()


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
