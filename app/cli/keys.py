"""API keys, and the keys of this installation."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from app.auth.scopes import PRESETS, Preset, Scope
from app.cli.starting import in_control, project_id, read_settings, run
from app.kit.clock import utc_now
from app.kit.sealing import KeyRing
from app.kit.signatures import generate_secret

if TYPE_CHECKING:
    from app.db.engine import Sessions

commands = typer.Typer(no_args_is_help=True, help=__doc__)


@commands.command()
def generate() -> None:
    """Print good values for the settings that hold keys. Keep them: what is sealed opens with them only."""
    print(f"PGM_SECRET_KEYS=key1:{KeyRing.generate_key()}")
    print(f"PGM_API_KEY_PEPPER={KeyRing.generate_key()}")
    print(f"PGM_ALERTS__WEBHOOK_SECRETS={generate_secret()}")


@commands.command()
def reseal() -> None:
    """Seal every secret at rest with the first key of PGM_SECRET_KEYS. To rotate: put a new key first, run this on all
    processes' common setting, and drop the old key once it says 0.
    """
    settings = read_settings()

    from app.db import sealed

    key_ring = KeyRing.parse(settings.secret_keys.get_secret_value())
    count = run(in_control(settings, "reseal", lambda sessions: sealed.reseal(sessions, key_ring)))
    print(f"{count} secrets were sealed anew")


@commands.command()
def create(
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
    project_ids = [project_id(text) for text in projects] if projects else None
    expires_in = timedelta(days=expires_days) if expires_days else None
    settings = read_settings()

    from app.auth.service import KeyService

    async def issue(sessions: "Sessions") -> str:
        async with sessions() as session, session.begin():
            service = KeyService(session, settings.pepper(), utc_now)
            _, secret = await service.issue(name, wanted, project_ids=project_ids, expires_in=expires_in, actor="cli")
        return secret.get_secret_value()

    print(run(in_control(settings, "keys", issue)))
