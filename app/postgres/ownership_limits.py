"""What changes for an application that ceases to be the superuser, as far as its database tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.postgres.connect import Session
from app.postgres.looking import looking

_DEFINERS: Final = """
SELECT p.oid::pg_catalog.regprocedure::text FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
 WHERE p.prosecdef AND p.proowner = $1::text::regrole AND n.nspname = ANY ($2::text[])
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
 ORDER BY 1
"""
_FORCED: Final = """
SELECT c.oid::pg_catalog.regclass::text FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relforcerowsecurity AND c.relowner = $1::text::regrole AND n.nspname = ANY ($2::text[]) ORDER BY 1
"""
_KEPT: Final = """
SELECT format('the event trigger %I', evtname) FROM pg_catalog.pg_event_trigger AS o
 WHERE evtowner = $1::text::regrole AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = 'pg_catalog.pg_event_trigger'::regclass AND d.objid = o.oid AND d.deptype = 'e')
UNION ALL
SELECT format('the foreign server %I', srvname) FROM pg_catalog.pg_foreign_server WHERE srvowner = $1::text::regrole
UNION ALL
SELECT format('the publication %I', p.pubname) FROM pg_catalog.pg_publication AS p
 WHERE pubowner = $1::text::regrole AND (puballtables OR EXISTS (
           SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.refclassid = 'pg_catalog.pg_publication'::regclass AND d.refobjid = p.oid
              AND d.classid = pg_catalog.to_regclass('pg_catalog.pg_publication_namespace')))
UNION ALL
SELECT format('the subscription %I', subname) FROM pg_catalog.pg_subscription
 WHERE subowner = $1::text::regrole
   AND subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
"""
_OTHERS: Final = """
SELECT pg_catalog.pg_get_userbyid(c.relowner)::text AS owner, count(*) AS relations FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname = ANY ($1::text[])
   AND pg_catalog.pg_get_userbyid(c.relowner) <> ALL ($2::text[])
 GROUP BY 1 ORDER BY 1
"""
_EXTENSIONS: Final = """
SELECT e.extname::text AS name, coalesce(v.trusted, false) AS is_trusted FROM pg_catalog.pg_extension AS e
  LEFT JOIN pg_catalog.pg_available_extension_versions AS v ON v.name = e.extname AND v.version = e.extversion
 WHERE e.extname <> 'plpgsql' ORDER BY 1
"""
_EXTENSION_RIGHTS: Final = (
    "Migrations of the application can create trusted extensions and no others: let the superuser create those first, and "
    "CREATE EXTENSION IF NOT EXISTS finds them there."
)


@dataclass(frozen=True, slots=True)
class Limits:
    """``kept``: what only a superuser can own, and so stays. ``others``: relations of further roles, by owner."""

    definers: list[str]
    forced: list[str]
    kept: list[str]
    others: dict[str, int]
    extensions: dict[str, bool]  # and whether one without a superuser may create them

    def warnings(self, owner: str) -> list[str]:
        found = [_EXTENSION_RIGHTS]
        if self.definers:
            found.append(
                f"SECURITY DEFINER functions act with the rights of {owner} from now on, and no longer with a superuser's: "
                f"{_named(self.definers)}."
            )
        if self.forced:
            found.append(f"Row security is forced on {_named(self.forced)}: it holds for the application from now on.")
        if self.kept:
            found.append(f"Only a superuser can own these, so they stay as they are: {_named(self.kept)}.")
        if self.others:
            told = ", ".join(f"{count} of {name}" for name, count in self.others.items())
            found.append(
                f"Tables, views and sequences of other roles stay theirs ({told}): the application reads them only where it "
                "was granted to."
            )
        if untrusted := [name for name, is_trusted in self.extensions.items() if not is_trusted]:
            found.append(f"These extensions can only be upgraded or dropped by the superuser: {_named(untrusted)}.")
        return found


async def limits_of(session: Session, role: str, *, schemas: Sequence[str], own: Sequence[str]) -> Limits:
    """``role``: quoted, whose objects are handed over; ``own``: the names of it and of those that they go to."""
    chosen = list(schemas)
    async with looking(session):
        return Limits(
            definers=[row[0] for row in await session.fetch(_DEFINERS, role, chosen)],
            forced=[row[0] for row in await session.fetch(_FORCED, role, chosen)],
            kept=[row[0] for row in await session.fetch(_KEPT, role)],
            others={row["owner"]: row["relations"] for row in await session.fetch(_OTHERS, chosen, list(own))},
            extensions={row["name"]: row["is_trusted"] for row in await session.fetch(_EXTENSIONS)},
        )


def _named(names: Sequence[str], *, most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
