"""The variables of a database's service as Railway tells them, for callers who may see them."""

from typing import Final
from uuid import UUID

from app.auth.audit import audit
from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.databases.places import visible_site
from app.kit.ids import encode_id
from app.providers.railway import variables
from app.providers.railway.rewriting import shown
from app.runtime import Runtime

# What neither is a secret nor holds one, as the official image and Railway name it.
_PUBLIC: Final = frozenset(
    {"PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGDATA", "POSTGRES_USER", "POSTGRES_DB", "SSL_CERT_DAYS"}
)
_PLATFORM: Final = ("RAILWAY_PRIVATE_", "RAILWAY_TCP_", "RAILWAY_VOLUME_", "RAILWAY_DEPLOYMENT_")
_PLATFORM_ENDS: Final = ("_ID", "_NAME")


async def railway_variables(
    runtime: Runtime, database_id: UUID, caller: Principal, *, rendered: bool, reveal: bool
) -> dict[str, str]:
    """Values only to who may see them, and then it is written down; others see names, references and what is public.

    Sealed variables are not among them: Railway never tells those. Holds no session while Railway is asked.
    """
    if reveal:
        caller.require(Scope.SECRETS_REVEAL)
    site = await visible_site(runtime, database_id, caller, "read at Railway")
    read = variables.rendered if rendered else variables.unrendered
    found = await read(site.client, site.place)
    if not reveal:
        return {name: value if _is_public(name) else shown(value) for name, value in sorted(found.items())}
    async with runtime.sessions() as session, session.begin():
        audit(
            session,
            caller,
            "reveal_database_variables",
            target_type="database",
            target_id=encode_id("db", database_id),
            project_id=site.database.project_id,
            details={"source": "railway", "rendered": rendered},
        )
    return dict(sorted(found.items()))


def _is_public(name: str) -> bool:
    is_platforms = name.startswith("RAILWAY_") and (name.startswith(_PLATFORM) or name.endswith(_PLATFORM_ENDS))
    return name in _PUBLIC or is_platforms
