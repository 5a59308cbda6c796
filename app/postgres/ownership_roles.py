"""The roles of an application: an owner that cannot log in, and logins that act as it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import SecretStr

from app.postgres.connect import Session
from app.postgres.identifiers import literal, quoted
from app.postgres.looking import looking
from app.postgres.scram import verifier

_SHOWN: Final = "***"
_LOCK: Final = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('pgmanager roles', 0))"
_OBJECT_TYPES: Final = {
    "r": "TABLES",
    "S": "SEQUENCES",
    "f": "FUNCTIONS",
    "T": "TYPES",
    "n": "SCHEMAS",
    "L": "LARGE OBJECTS",
}

_EXISTING: Final = "SELECT rolname, rolcanlogin FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[])"
_OWN: Final = """
SELECT current_user::text AS name, rolsuper AS is_superuser, rolcreaterole AS may_create_roles,
       pg_catalog.pg_has_role(d.datdba, 'USAGE') AS owns_database, d.datname::text AS logical_database,
       (SELECT pg_catalog.pg_has_role(nspowner, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = 'public') AS owns_public
  FROM pg_catalog.pg_roles, pg_catalog.pg_database AS d
 WHERE rolname = current_user AND d.datname = pg_catalog.current_database()
"""
_SCHEMAS: Final = """
SELECT n.nspname::text AS name, pg_catalog.pg_get_userbyid(n.nspowner)::text AS owner,
       EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                WHERE d.classid = 'pg_catalog.pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
           AS is_of_extension
  FROM pg_catalog.pg_namespace AS n
 WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pgm_pooler')
 ORDER BY n.nspname
"""
_SERVERS: Final = "SELECT srvname::text FROM pg_catalog.pg_foreign_server WHERE srvowner = $1::text::regrole ORDER BY 1"
_DEFAULTS: Final = """
SELECT n.nspname::text AS schema, d.defaclobjtype::text AS type, a.privilege_type AS privilege, a.is_grantable,
       CASE a.grantee WHEN 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END AS grantee
  FROM pg_catalog.pg_default_acl AS d
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = d.defaclnamespace
 CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) AS a
 WHERE d.defaclrole = $1::text::regrole AND a.grantee <> d.defaclrole AND a.grantee <> ALL (
           SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ANY ($2::text[]))
 ORDER BY 1 NULLS FIRST, 2, 5 NULLS FIRST, 3
"""


@dataclass(frozen=True, slots=True)
class OwnRights:
    """Of the login that we use, in one logical database."""

    name: str
    is_superuser: bool
    may_create_roles: bool
    owns_database: bool
    logical_database: str
    owns_public: bool | None  # None: there is no schema public

    def missing(self, *, revokes: bool) -> list[str]:
        """What it takes to make an application's roles and let them own; ``revokes``: and to close the schema public."""
        if self.is_superuser:
            return []
        needed = {
            "CREATEROLE": self.may_create_roles,
            f"the ownership of the database {self.logical_database!r}": self.owns_database,
            "the ownership of the schema public": self.owns_public is not False or not revokes,
        }
        return [right for right, has in needed.items() if not has]


@dataclass(frozen=True, slots=True)
class Schema:
    name: str
    owner: str
    is_of_extension: bool


@dataclass(frozen=True, slots=True)
class LoginRole:
    """``password`` is set when the role is made, and on one that is there if ``sets_password``."""

    role: str
    can_login: bool
    password: SecretStr | None = field(default=None, repr=False)
    sets_password: bool = False


@dataclass(frozen=True, slots=True)
class ApplicationRoles:
    """``settings``: for sessions of the logins, by name."""

    owner: str
    logins: Sequence[LoginRole]
    settings: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        return [self.owner, *(login.role for login in self.logins)]


async def own_rights(session: Session) -> OwnRights:
    async with looking(session):
        row = await session.fetchrow(_OWN)
    assert row is not None  # we are logged in
    return OwnRights(**dict(row))


async def user_schemas(session: Session) -> list[Schema]:
    async with looking(session):
        return [Schema(**dict(row)) for row in await session.fetch(_SCHEMAS)]


async def existing_roles(session: Session, names: Sequence[str]) -> dict[str, bool]:
    """By name, whether it can log in."""
    async with looking(session):
        return {row["rolname"]: row["rolcanlogin"] for row in await session.fetch(_EXISTING, list(names))}


async def make_roles(session: Session, roles: ApplicationRoles) -> None:
    """All of it or nothing; may be repeated."""
    async with session.transaction():
        await session.execute(_LOCK)
        for statement in await role_statements(session, roles):
            await session.execute(statement)


async def role_statements(session: Session, roles: ApplicationRoles, *, masked: bool = False) -> list[str]:
    """What is still to be done, with verifiers and never a password; ``masked``: for somebody to read."""
    there = await existing_roles(session, roles.names)
    rights, owner = await own_rights(session), quoted(roles.owner)
    statements = [] if roles.owner in there else [f"CREATE ROLE {owner} NOLOGIN"]
    if there.get(roles.owner):
        statements.append(f"ALTER ROLE {owner} NOLOGIN")
    if not rights.is_superuser:
        # Who makes a role may hand it out and not act as it, which handing objects to it takes.
        statements.append(f"GRANT {owner} TO {quoted(rights.name)}")
    for login in roles.logins:
        role, attribute = quoted(login.role), "LOGIN" if login.can_login else "NOLOGIN"
        if login.role not in there:
            statements.append(f"CREATE ROLE {role} {attribute}{_password(login, masked=masked)}")
        elif login.sets_password or there[login.role] != login.can_login:
            secret = _password(login, masked=masked) if login.sets_password else ""
            statements.append(f"ALTER ROLE {role} {attribute}{secret}")
        statements.append(f"GRANT {owner} TO {role}")
        # Objects that a session makes belong to the role that it acts as.
        statements.append(f"ALTER ROLE {role} SET role = {literal(roles.owner)}")
        statements += [
            f"ALTER ROLE {role} SET {name} = {literal(value)}" for name, value in sorted(roles.settings.items())
        ]
    return statements


async def give_access(session: Session, roles: ApplicationRoles, schemas: Sequence[str], *, revoke: bool) -> None:
    """All of it or nothing; may be repeated."""
    statements = await access_statements(session, roles, schemas, revoke=revoke)
    async with session.transaction():
        await session.execute(_LOCK)
        for statement in statements:
            await session.execute(statement)


async def access_statements(
    session: Session, roles: ApplicationRoles, schemas: Sequence[str], *, revoke: bool
) -> list[str]:
    """The owner's rights in the database, and those that others have on what is made from now on.

    ``revoke``: of everybody else the right to make anything in the schema public.
    """
    rights, owner = await own_rights(session), quoted(roles.owner)
    statements = [f"GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {quoted(rights.logical_database)} TO {owner}"]
    chosen = [one for one in await user_schemas(session) if one.name in schemas]
    if revoke and any(schema.name == "public" for schema in chosen):
        statements.append("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for schema in chosen:
        if rights.is_superuser or schema.owner == rights.name or schema.name == "public":
            what = "USAGE" if schema.is_of_extension else "USAGE, CREATE"
            statements.append(f"GRANT {what} ON SCHEMA {quoted(schema.name)} TO {owner}")
    async with looking(session):
        servers = await session.fetch(_SERVERS, quoted(rights.name))
        defaults = await session.fetch(_DEFAULTS, quoted(rights.name), roles.names)
    statements += [f"GRANT USAGE ON FOREIGN SERVER {quoted(row[0])} TO {owner}" for row in servers]
    for row in defaults:
        if row["schema"] is None or row["schema"] in schemas:
            where = f" IN SCHEMA {quoted(row['schema'])}" if row["schema"] is not None else ""
            whom = "PUBLIC" if row["grantee"] is None else quoted(row["grantee"])
            option = " WITH GRANT OPTION" if row["is_grantable"] else ""
            statements.append(
                f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner}{where} "
                f"GRANT {row['privilege']} ON {_OBJECT_TYPES[row['type']]} TO {whom}{option}"
            )
    # What is still made by our login, say by a restore, is of use to the application before it is handed over.
    statements += [
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {quoted(rights.name)} IN SCHEMA {quoted(schema.name)} GRANT ALL ON {kind} TO {owner}"
        for schema in chosen
        if not schema.is_of_extension
        for kind in ("TABLES", "SEQUENCES")
    ]
    return statements


def _password(login: LoginRole, *, masked: bool) -> str:
    if login.password is None:
        return ""
    return f" PASSWORD {literal(_SHOWN if masked else verifier(login.password))}"
