"""What a role may do in effect, and where that differs from what it was wished to be."""

from collections.abc import Sequence
from typing import Final

from app.errors import Problem
from app.postgres.grants import Difference
from app.postgres.privileges import ObjectPrivileges, effective_privileges, object_privileges
from app.postgres.role_facts import RoleFacts, holdings
from app.postgres.role_making import plan
from app.roles.errors import RoleNotFound
from app.roles.places import Place
from app.roles.privilege_schemas import Drift, RolePrivilegesView
from app.roles.repository import RoleRepository
from app.roles.schemas import RoleWishView
from app.roles.service import facts_of, role_wish, views_of
from app.runtime import Runtime

OBJECTS: Final = 500


async def privileges_of(
    runtime: Runtime, place: Place, name: str, *, logical_database: str | None, schema: str | None, after: str | None
) -> RolePrivilegesView:
    """Raises RoleNotFound, DatabaseAbsent. What cannot be judged is no reason to show nothing, and is warned of."""
    facts = await facts_of(runtime, place, name)
    if facts is None:
        raise RoleNotFound(name)
    there = place.target.with_database(logical_database or place.target.database)
    objects: Sequence[ObjectPrivileges] = ()
    async with runtime.connections.session(there) as session:
        effective = await effective_privileges(session, facts.oid)
        if schema is not None:
            objects = await object_privileges(session, facts.oid, schema, after=after or "", limit=OBJECTS + 1)
        held = await holdings(session, name)
    warnings: list[str] = []
    differences = await _drift(runtime, place, facts, warnings)
    async with runtime.reads() as own:
        (view,) = await views_of(own, place.database, [facts])
    return RolePrivilegesView.of(
        view,
        effective,
        objects=objects[:OBJECTS],
        holdings=held,
        drift=Drift.of(differences),
        warnings=warnings,
        has_more=len(objects) > OBJECTS,
    )


async def _drift(
    runtime: Runtime, place: Place, facts: RoleFacts, warnings: list[str]
) -> dict[str | None, Difference] | None:
    async with runtime.reads() as session:
        managed = await RoleRepository(session).managed(place.database.id, facts.name)
        if managed is None:
            return None
        wish = await role_wish(session, place, facts.name, RoleWishView.model_validate(managed.wish))
    try:
        found = await plan(place.target, wish)
    except Problem as problem:
        warnings.append(f"Whether it is as it was wished for cannot be judged: {problem.detail}")
        return None
    warnings += found.warnings
    return dict(found.differences)
