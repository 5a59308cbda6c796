"""All that is in one database, moved into one new schema of another: gathered in that schema first, then dumped into it."""

from collections.abc import AsyncGenerator
from typing import Final

from app.errors import Conflict
from app.postgres.connect import KEEPALIVES, Session, Target, libpq_environment, libpq_secrets
from app.postgres.dump import Complaints, problem_of
from app.postgres.errors import VersionUnsupported
from app.postgres.identifiers import literal, quoted
from app.postgres.process import PIPE, ChildProcess
from app.postgres.restore import Wish
from app.postgres.toolchain import Ability, Installation, Toolchain

# Everything that a table can need and that lies in a schema; what is an extension's own stays where that put it.
_ELSEWHERE: Final = """
WITH own AS (
    SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace AS n
     WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', $1)
), owned AS (
    SELECT objid FROM pg_catalog.pg_depend
     WHERE classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND refclassid = classid AND deptype IN ('a', 'i')
)
SELECT 1 AS turn, 'pg_catalog.pg_class'::pg_catalog.regclass::oid::bigint AS class, c.oid::bigint,
       CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
            WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS kind,
       pg_catalog.format('%I.%I', own.nspname, c.relname) AS name
  FROM pg_catalog.pg_class AS c JOIN own ON own.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') OR c.relkind = 'S' AND c.oid NOT IN (SELECT objid FROM owned)
UNION ALL
SELECT 2, 'pg_catalog.pg_type'::pg_catalog.regclass::oid::bigint, t.oid::bigint, 'TYPE', pg_catalog.format('%I.%I', own.nspname, t.typname)
  FROM pg_catalog.pg_type AS t JOIN own ON own.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
 WHERE t.typelem = 0 AND (t.typtype IN ('b', 'd', 'e', 'r', 'm') OR c.relkind = 'c')
UNION ALL
SELECT 3, 'pg_catalog.pg_proc'::pg_catalog.regclass::oid::bigint, p.oid::bigint, 'ROUTINE', p.oid::pg_catalog.regprocedure::text
  FROM pg_catalog.pg_proc AS p JOIN own ON own.oid = p.pronamespace
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                      AND d.objid = p.oid AND d.deptype = 'i')
UNION ALL
SELECT 4, 'pg_catalog.pg_collation'::pg_catalog.regclass::oid::bigint, l.oid::bigint, 'COLLATION',
       pg_catalog.format('%I.%I', own.nspname, l.collname)
  FROM pg_catalog.pg_collation AS l JOIN own ON own.oid = l.collnamespace
UNION ALL
SELECT 5, 'pg_catalog.pg_operator'::pg_catalog.regclass::oid::bigint, o.oid::bigint, 'OPERATOR', o.oid::pg_catalog.regoperator::text
  FROM pg_catalog.pg_operator AS o JOIN own ON own.oid = o.oprnamespace
UNION ALL
SELECT 6, 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass::oid::bigint, s.oid::bigint, 'STATISTICS',
       pg_catalog.format('%I.%I', own.nspname, s.stxname)
  FROM pg_catalog.pg_statistic_ext AS s JOIN own ON own.oid = s.stxnamespace
UNION ALL
SELECT 7, 'pg_catalog.pg_ts_config'::pg_catalog.regclass::oid::bigint, x.oid::bigint, 'TEXT SEARCH CONFIGURATION',
       pg_catalog.format('%I.%I', own.nspname, x.cfgname)
  FROM pg_catalog.pg_ts_config AS x JOIN own ON own.oid = x.cfgnamespace
UNION ALL
SELECT 8, 'pg_catalog.pg_ts_dict'::pg_catalog.regclass::oid::bigint, x.oid::bigint, 'TEXT SEARCH DICTIONARY',
       pg_catalog.format('%I.%I', own.nspname, x.dictname)
  FROM pg_catalog.pg_ts_dict AS x JOIN own ON own.oid = x.dictnamespace
ORDER BY turn, name
"""
_MEMBERS: Final = "SELECT classid::bigint, objid::bigint FROM pg_catalog.pg_depend WHERE deptype = 'e'"
_CHUNK_BYTES: Final = 1024 * 1024


class SchemaExists(Conflict):
    code, title = "NAME_TAKEN", "The name is taken"

    def __init__(self, schema: str, database: str) -> None:
        super().__init__(
            f"There is already a schema {schema!r} in the logical database {database!r}; choose another into_schema."
        )


async def gather(session: Session, schema: str, *, comment: str) -> None:
    """Moves everything in the session's database into ``schema``, all or nothing. Twice is fine.

    Raises QueryFailed when two of them have the same name.
    """
    async with session.transaction():
        await session.execute("SET LOCAL search_path = ''")
        await session.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        await session.execute(f"COMMENT ON SCHEMA {quoted(schema)} IS {literal(comment)}")
        members = {(row["classid"], row["objid"]) for row in await session.fetch(_MEMBERS)}
        for row in await session.fetch(_ELSEWHERE, schema):
            if (row["class"], row["oid"]) not in members:
                await session.execute(f"ALTER {row['kind']} {row['name']} SET SCHEMA {quoted(schema)}")


def client_for_moving(toolchain: Toolchain, server_major: int, *, needs: list[Ability]) -> Installation:
    """Programs of the server's own major: newer ones write what it does not know. Raises ToolMissing, VersionUnsupported."""
    client = toolchain.client_for_dump(server_major, needs=needs)
    if client.major != server_major:
        raise VersionUnsupported(
            f"Selected tables are moved on a PostgreSQL {server_major} server by programs of that very version, and the "
            f"nearest here are of {client.major}. Install postgresql-client-{server_major}, or restore into a new logical "
            "database.",
            server_major=server_major,
        )
    return client


async def schema_script(
    source: Target,
    schema: str,
    client: Installation,
    wish: Wish,
    *,
    application_name: str,
    run_as: tuple[int, int] | None,
) -> AsyncGenerator[bytes]:
    """The SQL that makes the schema and all that is in it, rows included. It ends well only when pg_dump did."""
    complaints = Complaints()
    argv = [
        *client.command("pg_dump"),
        "--format=plain",
        f"--schema={quoted(schema)}",
        "--strict-names",
        "--no-password",
        "--no-publications",
        "--no-subscriptions",
        *([] if wish.owners else ["--no-owner"]),
        *([] if wish.grants else ["--no-privileges"]),
        *([] if wish.tablespaces else ["--no-tablespaces"]),
        f"--dbname={KEEPALIVES}",
    ]
    async with ChildProcess.started(
        argv,
        env=libpq_environment(source, application_name=application_name),
        secrets=libpq_secrets(source),
        stdout=PIPE,
        run_as=run_as,
        on_stderr_line=complaints.take,
    ) as child:
        while chunk := await child.read(_CHUNK_BYTES):
            yield chunk
        code = await child.wait()
        if code or complaints.errors:
            raise problem_of("pg_dump", code, complaints.errors)
