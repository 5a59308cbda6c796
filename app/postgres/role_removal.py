"""Taking a role off a server: nobody gets in by it, its sessions end, what it owns goes to another, then it is dropped.

Each part may run again after any other, so what was killed half-way is finished by the same call.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.errors import Conflict
from app.postgres.connect import Session, Target
from app.postgres.identifiers import quoted
from app.postgres.role_facts import Holdings, OwnLogin, holdings, own_login, role, session_count
from app.postgres.role_making import lock, role_session, session_in
from app.postgres.role_wishes import RoleMissing

_ENDED_WITHIN_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.05
_MEMBERSHIP_OPTIONS_SINCE: Final = 16
_END: Final = """
SELECT count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity
 WHERE usename = $1 AND pid <> pg_catalog.pg_backend_pid()
"""
SERVER: Final = "(the server)"


@dataclass(frozen=True, slots=True)
class Removal:
    """``reassigned``: how many objects went to the successor, by logical database."""

    was_there: bool
    successor: str | None = None
    reassigned: Mapping[str, int] | None = None


class RoleOwnsObjects(Conflict):
    code, title = "ROLE_OWNS_OBJECTS", "The role owns objects"

    def __init__(self, name: str, owned: Mapping[str, int]) -> None:
        told = ", ".join(f"{count} in {where}" for where, count in owned.items())
        super().__init__(
            f"The role {name!r} owns {told}. Name the role that gets them: successor=ROLE.", owned=dict(owned)
        )


class RoleInUse(Conflict):
    code, title = "ROLE_IN_USE", "Somebody is logged in by the role"

    def __init__(self, name: str, sessions: int) -> None:
        super().__init__(
            f"{sessions} sessions are logged in as {name!r}. End them in the application, or repeat the request with "
            "terminate=true.",
            sessions=sessions,
        )


class DatabaseClosed(Conflict):
    code, title = "DATABASE_CLOSED", "A logical database takes no connections"

    def __init__(self, name: str, databases: Sequence[str]) -> None:
        listed = ", ".join(databases)
        super().__init__(
            f"The role {name!r} has something in {listed}, where nobody may connect, so it cannot be taken away. Open them "
            "for a moment (ALTER DATABASE … ALLOW_CONNECTIONS true) and repeat the request.",
            logical_databases=list(databases),
        )


async def check_removal(target: Target, name: str, *, successor: str | None, terminate: bool) -> bool:
    """Whether there is such a role. Raises what ``remove`` would raise before it does anything."""
    async with role_session(target) as session:
        return await _look(session, name, successor, terminate=terminate) is not None


async def shut_out(target: Target, name: str) -> int:
    """Lets nobody log in by it any more and ends its sessions; says how many there were. Fine if it is gone."""
    async with role_session(target) as session:
        await lock(session)
        if await role(session, name) is None:
            return 0
        await _become_member(session, await own_login(session), name)
        return await _shut_out(session, name)


async def remove(target: Target, name: str, *, successor: str | None, terminate: bool) -> Removal:
    """Fine if it is gone. Raises RoleOwnsObjects, RoleInUse, RoleMissing, DatabaseClosed."""
    async with role_session(target) as session:
        await lock(session)
        held = await _look(session, name, successor, terminate=terminate)
        if held is None:
            return Removal(was_there=False)
        own = await own_login(session)
        for member_of in {name, successor or own.name} - {own.name}:
            await _become_member(session, own, member_of)
        await _shut_out(session, name)
        # Without a successor it owned nothing a moment ago. What it has made since then is kept all the same.
        heir = quoted(successor or own.name)
        places = {one.logical_database for one in held} - {None}
        for place in sorted({str(place) for place in places} | {target.database}):
            async with session_in(session, target, place) as there, there.transaction():
                await there.execute(f"REASSIGN OWNED BY {quoted(name)} TO {heir}")
                await there.execute(f"DROP OWNED BY {quoted(name)}")
        await session.execute(f"DROP ROLE IF EXISTS {quoted(name)}")
    return Removal(was_there=True, successor=successor, reassigned=_owned(held))


async def _look(session: Session, name: str, successor: str | None, *, terminate: bool) -> list[Holdings] | None:
    if await role(session, name) is None:
        return None
    if successor is not None and (successor == name or await role(session, successor) is None):
        raise RoleMissing([successor])
    held = await holdings(session, name)
    if successor is None and (owned := _owned(held)):
        raise RoleOwnsObjects(name, owned)
    if closed := [one.logical_database for one in held if one.logical_database is not None and not one.is_open]:
        raise DatabaseClosed(name, closed)
    sessions = await session_count(session, name)
    if sessions and not terminate:
        raise RoleInUse(name, sessions)
    return held


async def _shut_out(session: Session, name: str) -> int:
    await session.execute(f"ALTER ROLE {quoted(name)} NOLOGIN")
    ended = 0
    deadline = asyncio.get_running_loop().time() + _ENDED_WITHIN_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        found = int(await session.fetchval(_END, name))
        if not found:
            return ended
        ended = max(ended, found)
        await asyncio.sleep(_POLL_SECONDS)
    raise RoleInUse(name, await session_count(session, name))


async def _become_member(session: Session, own: OwnLogin, name: str) -> None:
    """Whoever is no superuser disposes of what its own roles have, and from 16 on is none of those that it has made."""
    if own.is_superuser or await session.fetchval("SELECT pg_catalog.pg_has_role($1::name, 'USAGE')", name):
        return
    options = " WITH INHERIT TRUE, SET TRUE" if own.major >= _MEMBERSHIP_OPTIONS_SINCE else ""
    await session.execute(f"GRANT {quoted(name)} TO CURRENT_USER{options}")


def _owned(held: Sequence[Holdings]) -> dict[str, int]:
    return {one.logical_database or SERVER: one.owned for one in held if one.owned}
