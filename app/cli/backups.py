"""Backups without the service that took them: opening one, finding all of a bucket again, and adding a bucket."""

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from app.cli.identity import identities_of_installation
from app.cli.starting import in_control, project_id, read_file, read_settings, run

if TYPE_CHECKING:
    from app.catalogue.schemas import Place, RebuildReport
    from app.kit.age import Identity


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
    from app.locations.decrypting import open_age_file

    keys = _identities_in(identities) if identities else identities_of_installation()
    raise typer.Exit(open_age_file(file, output, keys))


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
    place = _place(location)
    keys, settings = _identities_in(identities), read_settings()

    import app.models  # noqa: F401 (a table refers to others, so all of them must be known)
    from app.catalogue.service import CatalogueService
    from app.db import migrate
    from app.postgres.toolchain import Toolchain
    from app.runtime import open_runtime

    async def rebuilding() -> "RebuildReport":
        await migrate.upgrade(settings.database_url.get_secret_value())
        async with open_runtime(settings, role="worker", toolchain=Toolchain(())) as runtime:
            return await CatalogueService(runtime, place).rebuild(keys)

    report = run(rebuilding())
    print(report.model_dump_json(indent=2) if as_json else "\n".join(report.lines()))
    raise typer.Exit(1 if report.broken or report.without_key else 0)


def location_from_env(
    project: Annotated[str, typer.Option(help="Id of the project.")],
    name: Annotated[str, typer.Option(help="Of the location.")] = "minio",
    allow_insecure: Annotated[bool, typer.Option("--allow-insecure", help="Also without TLS.")] = False,
) -> None:
    """Add the location that MINIO_ENDPOINT, MINIO_BUCKET, MINIO_ACCESS_KEY and so on describe, and print its id."""
    wish = {"project_id": project_id(project), "name": name, "allow_insecure": allow_insecure}
    settings = read_settings()

    from app.locations.from_environment import add_from_environment

    print(run(in_control(settings, "location", partial(add_from_environment, settings, dict(os.environ), wish))))


def _place(file: Path | None) -> "Place":
    """By the file, or by the environment."""
    from app.catalogue.schemas import Place

    try:
        return Place.from_environment(os.environ) if file is None else Place.model_validate_json(read_file(file))
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)
        )
        typer.echo(f"pgmanager: the location is incomplete: {wrong}", err=True)
        raise typer.Exit(2) from None


def _identities_in(files: list[Path]) -> "list[Identity]":
    from app.kit.age import read_identities

    try:
        return [identity for file in files for identity in read_identities(read_file(file))]
    except ValueError as error:
        typer.echo(f"pgmanager: no file of age keys: {error}", err=True)
        raise typer.Exit(2) from None
