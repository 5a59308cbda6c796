"""The console script. Every command reads the settings from the environment; what is wrong with them is one line.

A command imports what it runs when it is called: all of the service takes seconds to import, and most need little of it.
"""

import sys

import typer

from app.cli import backups, describing, identity, keys, railway, running, waiting
from app.errors import Problem

DESCRIPTION = "The console script of Railway Postgres Manager. Every command reads the settings from the environment."

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=DESCRIPTION)
cli.command()(running.serve)
cli.command()(running.worker)
cli.command()(running.dev)
cli.command()(waiting.wait)
cli.command()(running.migrate)
cli.command()(describing.openapi)
cli.command("settings")(describing.show_settings)
cli.command()(backups.decrypt)
cli.command()(backups.rebuild_catalogue)
cli.command()(backups.location_from_env)
cli.add_typer(keys.commands, name="keys")
cli.add_typer(railway.commands, name="railway")
cli.add_typer(identity.commands, name="identity")


def main() -> None:
    try:
        cli()
    except Problem as problem:
        typer.echo(f"pgmanager: {problem.detail}", err=True)
        sys.exit(2)
