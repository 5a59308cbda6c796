"""What concerns Railway."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.cli.starting import log_without_settings, run
from app.errors import Problem

commands = typer.Typer(no_args_is_help=True, help=__doc__)


@commands.command()
def schema_check(
    file: Annotated[Path | None, typer.Argument(help="A saved answer to an introspection query.")] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(
            envvar="PGM_RAILWAY_ENDPOINT",
            help="What is asked when there is no file, instead of Railway's public address; needs no token.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the differences as JSON.")] = False,
) -> None:
    """Compare Railway's schema with the one that this version was written for. Needs no settings.

    Exit codes: 0 nothing that we ask breaks, 1 something would, 2 the schema cannot be read.
    """
    from app.providers.railway.drift import drift, introspect, read_introspection, served_schema
    from app.settings import Settings

    log_without_settings()
    endpoint = endpoint or str(Settings.model_fields["railway_endpoint"].default)
    try:
        found = read_introspection(file.read_bytes()) if file else run(introspect(endpoint))
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
