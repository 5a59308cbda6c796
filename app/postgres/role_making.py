"""Making a role what it is wished to be: on the whole server first, and then in each logical database it is for.

The same call twice is fine, and so is one after another that was killed: each reads what there is and writes what lacks.
One of ours at a time works on a server's roles. What concerns the whole server is one transaction, and so is what
concerns one logical database.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

import asyncpg

from app.postgres import grants, presets
from app.postgres.connect import Session, Target, connect
from app.postgres.errors import PrivilegeMissing
from app.postgres.grants import Difference
from app.postgres.identifiers import literal, quoted
from app.postgres.presets import Aim, Point, RolePreset
from app.postgres.role_differences import RoleAim, difference, fresh, statements
from app.postgres.role_facts import OwnLogin, RoleFacts, own_login, role
from app.postgres.role_wishes import OwnerIsSuperuser, Plan, RoleMissing, RoleWish, SettingInvalid

APPLICATION_NAME: Final = "pgmanager roles"
_LOCK: Final = "SELECT pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended('pgmanager roles', 0))"
_TIMEOUT_SECONDS: Final = 120.0
_SETTING_REFUSED: Final = (
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidParameterValueError,
    asyncpg.CantChangeRuntimeParamError,
)


async def plan(target: Target, wish: RoleWish, *, sets_password: bool = False) -> Plan:
    """What ``make`` would do. Raises what it would raise before it does anything."""
    async with role_session(target) as session:
        return (await _look(session, target, wish, sets_password=sets_password)).plan


async def make(target: Target, wish: RoleWish, *, verifier: str | None = None) -> Plan:
    """``verifier`` is of the password that the role gets; without one it keeps what it has.

    Raises SchemaMissing, RoleMissing, OwnerIsSuperuser, SettingInvalid, PrivilegeMissing.
    """
    async with role_session(target) as session:
        await lock(session)
        seen = await _look(session, target, wish, sets_password=verifier is not None)
        left = await _change(session, wish, seen, verifier)
        if wish.aim is not None:
            for name in wish.logical_databases:
                async with session_in(session, target, name) as there:
                    left += await _grant(there, wish, wish.aim, name, seen)
    return Plan(seen.plan.is_new, seen.plan.differences, seen.plan.statements, [*seen.plan.warnings, *left])


async def lock(session: Session) -> None:
    """Held until the session ends, however it ends."""
    await session.execute(_LOCK)


@dataclass(frozen=True, slots=True)
class _Seen:
    own: OwnLogin
    aim: RoleAim
    owners: Mapping[str, Sequence[str]]  # by logical database
    plan: Plan


async def _look(session: Session, target: Target, wish: RoleWish, *, sets_password: bool) -> _Seen:
    own = await own_login(session)
    found = await role(session, wish.name)
    _require_right(own, found, wish.name)
    differences: dict[str, Difference] = {}
    owners: dict[str, Sequence[str]] = {}
    warnings: list[str] = []
    if wish.aim is not None:
        await _require_roles(session, wish.aim.owners or ())
        for name in wish.logical_databases:
            async with session_in(session, target, name) as there:
                preset = presets.as_on(wish.aim.preset, own.major)
                owners[name] = await _owners(there, wish.name, replace(wish.aim, preset=preset), name, warnings)
                differences[name] = await grants.difference(
                    there, wish.name, wish.aim, major=own.major, owners=owners[name]
                )
    aim = _role_aim(wish, own.major, sorted({owner for each in owners.values() for owner in each}))
    await _require_roles(session, aim.member_of or ())
    on_server = difference(found or fresh(wish.name), aim)
    password = [f"ALTER ROLE {quoted(wish.name)} PASSWORD '***'"] if sets_password else []
    planned: list[tuple[str | None, str]] = [
        (None, one) for one in [*statements(wish.name, on_server, is_new=found is None, major=own.major), *password]
    ]
    for name, in_database in differences.items():
        planned += [(name, one) for one in grants.statements(wish.name, name, in_database)]
    return _Seen(
        own, aim, owners, Plan(found is None, dict([(None, on_server), *differences.items()]), planned, warnings)
    )


async def _change(session: Session, wish: RoleWish, seen: _Seen, verifier: str | None) -> list[str]:
    async with session.transaction():
        change = seen.plan.differences[None]
        for statement in statements(wish.name, change, is_new=seen.plan.is_new, major=seen.own.major):
            await _execute(session, statement)
        if verifier is not None:
            await session.execute(f"ALTER ROLE {quoted(wish.name)} PASSWORD {literal(verifier)}")
        made = await role(session, wish.name)
        assert made is not None  # by this transaction, if not before
        left = difference(made, seen.aim).extra
    return [f"{wish.name!r} keeps {_told(left)}: another role has granted it and must revoke it."] if left else []


async def _grant(session: Session, wish: RoleWish, aim: Aim, logical_database: str, seen: _Seen) -> list[str]:
    """Judged anew, since somebody may have made a table meanwhile; what is left after it could not be granted by us."""
    owners, major = seen.owners[logical_database], seen.own.major
    async with session.transaction():
        change = await grants.difference(session, wish.name, aim, major=major, owners=owners)
        for statement in grants.statements(wish.name, logical_database, change):
            await session.execute(statement)
        left = await grants.difference(session, wish.name, aim, major=major, owners=owners)
        if left.missing:
            raise PrivilegeMissing(
                f"{seen.own.name!r} may not grant {_told(left.missing)} in {logical_database!r}: that belongs to roles it is "
                "no member of. Make it a member of those, or repeat the request with their login.",
                points=[f"{point.what} {point.schema or ''}".strip() for point in left.missing],
            )
    if left.extra:
        return [
            f"{wish.name!r} keeps {_told(left.extra)} in {logical_database!r}: another role has granted it and must revoke it."
        ]
    return []


async def _owners(session: Session, role_name: str, aim: Aim, name: str, warnings: list[str]) -> Sequence[str]:
    """Whose objects are meant in this database."""
    schemas = await grants.schemas_of(session, aim, name)
    there = await grants.owners_in(session, schemas, but=role_name, named=aim.owners or ())
    meant = [owner for owner in there if aim.owners is None or owner.name in aim.owners]
    if aim.preset is RolePreset.MIGRATE:
        if aim.owners is None:
            meant = [owner for owner in meant if owner.is_maker]
        if powerful := [owner.name for owner in meant if owner.is_superuser]:
            raise OwnerIsSuperuser(powerful, name)
    elif aim.preset is not RolePreset.MONITOR:
        foreign = [owner.name for owner in meant if not owner.is_ours]
        if foreign and aim.owners is not None:
            raise PrivilegeMissing(
                f"Our login is no member of {', '.join(map(repr, foreign))}, and so may not speak for what they own in "
                f"{name!r}. As one who may: {'; '.join(f'GRANT {quoted(one)} TO our_login' for one in foreign)}."
            )
        meant = [owner for owner in meant if owner.is_ours]
        warnings += [_uncovered(owner, name) for owner in foreign]
    return [owner.name for owner in meant]


def _role_aim(wish: RoleWish, major: int, owners: Sequence[str]) -> RoleAim:
    preset = wish.aim.preset if wish.aim else None
    defaults = presets.settings(preset, owners, login=wish.login) if preset else {}
    settings = defaults | dict(wish.settings)
    member_of = wish.member_of
    if preset is not None:
        member_of = (member_of or frozenset()) | presets.memberships(preset, major, owners)
    limit = presets.MONITOR_CONNECTIONS if preset is RolePreset.MONITOR else -1
    return RoleAim(
        login=wish.login,
        connection_limit=limit if wish.connection_limit is None else wish.connection_limit,
        valid_until=wish.valid_until,
        settings=settings,
        reset=wish.former_settings - settings.keys(),
        member_of=member_of,
        is_bounded=preset is not None,
    )


def _require_right(own: OwnLogin, found: RoleFacts | None, name: str) -> None:
    if own.is_superuser:
        return
    if not own.may_create_roles:
        raise PrivilegeMissing(
            f"Our login {own.name!r} may not make or change roles. As a superuser of the server: "
            f"ALTER ROLE {quoted(own.name)} CREATEROLE."
        )
    if found is not None and found.powers:
        raise PrivilegeMissing(
            f"The role {name!r} has {', '.join(found.powers)}, and our login {own.name!r}, which is no superuser, may not "
            "change it."
        )


async def _require_roles(session: Session, names: Sequence[str] | frozenset[str]) -> None:
    rows = await session.fetch("SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[])", names)
    if absent := sorted(set(names) - {row[0] for row in rows}):
        raise RoleMissing(absent)


async def _execute(session: Session, statement: str) -> None:
    try:
        await session.execute(statement)
    except _SETTING_REFUSED as refusal:
        raise SettingInvalid(f"The server refuses a setting of the role: {refusal.args[0]}.") from refusal


@asynccontextmanager
async def role_session(target: Target) -> AsyncIterator[Session]:
    async with connect(
        target, application_name=APPLICATION_NAME, statement_timeout_seconds=_TIMEOUT_SECONDS
    ) as session:
        yield session


@asynccontextmanager
async def session_in(session: Session, target: Target, name: str) -> AsyncIterator[Session]:
    if name == target.database:
        yield session
    else:
        async with role_session(target.with_database(name)) as there:
            yield there


def _told(points: Sequence[Point]) -> str:
    first = points[0]
    where = f" on {', '.join(first.objects)}" if first.objects else f" on {first.schema}" if first.schema else ""
    more = f" and {len(points) - 1} more" if len(points) > 1 else ""
    return f"{first.what}{where}{more}"


def _uncovered(owner: str, logical_database: str) -> str:
    return (
        f"What {owner!r} makes in {logical_database!r} from now on is not covered: our login is no member of it, and so "
        "cannot set its default privileges."
    )
