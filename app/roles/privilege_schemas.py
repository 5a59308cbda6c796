"""What a role may do in effect, as callers see it."""

from collections.abc import Mapping, Sequence
from typing import Self

from pydantic import ConfigDict, Field

from app.auth.schemas import View
from app.postgres.grants import Difference
from app.postgres.privileges import Counts, Effective, ObjectPrivileges
from app.postgres.role_facts import Holdings
from app.roles.schemas import DatabaseRoleView, RolePointView, points_in


class Drift(View):
    """Against the wish; nothing is judged where none is on record."""

    is_judged: bool
    missing: list[RolePointView]
    extra: list[RolePointView]

    @classmethod
    def of(cls, differences: Mapping[str | None, Difference] | None) -> Self:
        missing, extra = points_in(differences or {})
        return cls(is_judged=differences is not None, missing=missing, extra=extra)


class PrivilegeCounts(View):
    total: int
    having: dict[str, int] = Field(description="On how many of them, by privilege.")

    @classmethod
    def of(cls, counts: Counts) -> Self:
        return cls(total=counts.total, having=dict(counts.having))


class SchemaPrivilegesView(View):
    name: str
    owner: str
    privileges: list[str]
    tables: PrivilegeCounts = Field(description="Views, materialised views and foreign tables included.")
    sequences: PrivilegeCounts
    functions: PrivilegeCounts
    columns: int = Field(description="Columns with privileges of their own that concern the role.")


class ObjectPrivilegesView(View):
    kind: str
    name: str
    owner: str
    privileges: list[str]


class FuturePrivilegesView(View):
    owner: str = Field(description="On what this role makes from now on.")
    schema_name: str | None = Field(alias="schema")
    kind: str
    to: str = Field(description="The role, `PUBLIC`, or what the role inherits.")
    privileges: list[str]

    model_config = ConfigDict(populate_by_name=True)


class RoleMembershipView(View):
    role: str
    is_inherited: bool = Field(description="False: only after SET ROLE.")
    is_direct: bool


class HoldingsView(View):
    logical_database: str | None = Field(description="Null: of the whole server.")
    owned: int
    granted: int


class RolePrivilegesView(View):
    """In effect: by its own grants, by what it inherits, by PUBLIC and as an owner."""

    role: DatabaseRoleView
    logical_database: str
    owner: str
    privileges: list[str] = Field(description="On the logical database itself.")
    schemas: list[SchemaPrivilegesView]
    objects: list[ObjectPrivilegesView] = Field(description="Of the schema that was asked for.")
    has_more_objects: bool = Field(description="True: repeat the request with `after`, the last name.")
    future: list[FuturePrivilegesView]
    memberships: list[RoleMembershipView]
    holdings: list[HoldingsView]
    drift: Drift
    warnings: list[str]

    @classmethod
    def of(
        cls,
        role: DatabaseRoleView,
        effective: Effective,
        *,
        objects: Sequence[ObjectPrivileges],
        holdings: Sequence[Holdings],
        drift: Drift,
        warnings: Sequence[str],
        has_more: bool,
    ) -> Self:
        return cls(
            role=role,
            logical_database=effective.logical_database,
            owner=effective.owner,
            privileges=list(effective.privileges),
            schemas=[
                SchemaPrivilegesView(
                    name=one.name,
                    owner=one.owner,
                    privileges=list(one.privileges),
                    tables=PrivilegeCounts.of(one.tables),
                    sequences=PrivilegeCounts.of(one.sequences),
                    functions=PrivilegeCounts.of(one.functions),
                    columns=one.columns,
                )
                for one in effective.schemas
            ],
            objects=[
                ObjectPrivilegesView(kind=one.kind, name=one.name, owner=one.owner, privileges=list(one.privileges))
                for one in objects
            ],
            has_more_objects=has_more,
            future=[
                FuturePrivilegesView(
                    owner=one.owner, schema_name=one.schema, kind=one.kind, to=one.to, privileges=list(one.privileges)
                )
                for one in effective.future
            ],
            memberships=[
                RoleMembershipView(role=one.role, is_inherited=one.is_inherited, is_direct=one.is_direct)
                for one in effective.memberships
            ],
            holdings=[
                HoldingsView(logical_database=one.logical_database, owned=one.owned, granted=one.granted)
                for one in holdings
            ],
            drift=drift,
            warnings=[*role.warnings, *warnings],
        )
