"""The server that a request about its roles is for, and which of its roles nobody changes here."""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.principal import Principal
from app.connections.models import LoginKind
from app.databases.access import require_reach_from_here, target_of, visible_database
from app.databases.models import Database
from app.kit.ids import id_pattern
from app.postgres.connect import Target
from app.postgres.role_facts import RoleFacts
from app.roles.errors import RoleReserved
from app.roles.repository import RoleRepository
from app.runtime import Runtime

_TEMPORARY: Final = re.compile(id_pattern("tmp"))
_WORDS: Final = frozenset({"public", "none", "current_user", "current_role", "session_user", "user"})
_REASONS: Final = {
    LoginKind.SUPERUSER: "it is the login of this service itself",
    LoginKind.APPLICATION: "it is a login of an application, which POST …:harden makes and :rotate gives new passwords",
    LoginKind.TEMPORARY: "it is a temporary credential, which DELETE …/temporary-credentials/{id} ends",
}


@dataclass(frozen=True, slots=True)
class Place:
    database: Database
    target: Target


async def place_of(runtime: Runtime, database_id: UUID, caller: Principal) -> Place:
    """Raises DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable."""
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
    require_reach_from_here(database, runtime)
    return Place(database, target_of(database, runtime.key_ring))


async def require_free(session: AsyncSession, database: Database, name: str, facts: RoleFacts | None) -> None:
    """Raises RoleReserved. ``facts`` is what the server says of the role, if it has it."""
    roles = RoleRepository(session)
    kind = (await roles.kinds(database.id, [name])).get(name)
    application = await roles.owned_for(database.id, name)
    reason = None
    if name.startswith("pg_") or name in _WORDS:
        reason = "the name means something to the server"
    elif name == database.username:
        reason = _REASONS[LoginKind.SUPERUSER]
    elif kind is not None and kind != LoginKind.ROLE:
        reason = _REASONS[LoginKind(kind)]
    elif name.startswith("pgm_") or _TEMPORARY.fullmatch(name):
        reason = "this service names its own roles so"
    elif application is not None:
        reason = f"what the application {application} has belongs to it"
    elif facts is not None and "SUPERUSER" in facts.powers:
        reason = "it is a superuser, and no preset bounds one"
    if reason is not None:
        raise RoleReserved(name, reason)
