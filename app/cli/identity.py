"""The age key of this installation, which opens its backups."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.starting import in_control, read_settings, run
from app.kit.sealing import KeyRing

if TYPE_CHECKING:
    from app.db.engine import Sessions
    from app.kit.age import Identity

commands = typer.Typer(no_args_is_help=True, help=__doc__)


@commands.command()
def export(
    reveal: Annotated[bool, typer.Option("--reveal", help="Yes, print secret keys.")] = False,
) -> None:
    """Print the secret keys that open the backups, as a file for `age -i` and `pgmanager decrypt --identity`.

    Keep it in a safe, apart from the bucket: with both, and without anything else, every backup can be restored.
    """
    if not reveal:
        raise typer.BadParameter(
            "this prints secret keys; say --reveal, and redirect the output to where it is to stay"
        )
    found = identities_of_installation()
    typer.echo("pgmanager: whoever has this output and the bucket can read every backup", err=True)
    for identity in found:
        print(f"# public key: {identity.recipient}\n{identity.secret.get_secret_value()}")


@commands.command()
def rotate() -> None:
    """Make a new key for the backups from now on. The old ones stay, and still open what was encrypted to them."""
    settings = read_settings()

    from app.locations.identity import rotate_identity

    async def rotating(sessions: "Sessions") -> str:
        async with sessions() as session, session.begin():
            key_ring = KeyRing.parse(settings.secret_keys.get_secret_value())
            return str(await rotate_identity(session, key_ring))

    print(run(in_control(settings, "identity", rotating)))
    typer.echo("pgmanager: run `pgmanager identity export` again, and put the output into the safe", err=True)


def identities_of_installation() -> "list[Identity]":
    settings = read_settings()

    from app.locations.identity import identities

    async def reading(sessions: "Sessions") -> "list[Identity]":
        async with sessions() as session:
            return await identities(session, KeyRing.parse(settings.secret_keys.get_secret_value()))

    return run(in_control(settings, "identity", reading))
