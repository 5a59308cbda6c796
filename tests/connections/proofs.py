"""Which tests run what is printed for which client: the table of docs/connections.md.

    python -m tests.connections.proofs

prints it.
"""

import json
import re
import sys
from pathlib import Path

from app.connections.clients.registry import Client
from tests.connections import test_clients_running as running
from tests.connections.node.test_node_clients import PROGRAMMES as IN_NODE
from tests.connections.node.test_node_clients_pooled import THROUGH_POOLER

_ROOT = Path(__file__).parents[2]
_PSQL = "psql of Debian 12"
_JDBC = "pgjdbc 42.5 and HikariCP 2.7 of Debian 12"
# By which packages of the locks, or of Debian, they are run.
STANDS_ON: dict[Client, tuple[str, ...]] = {
    Client.PSQL: (_PSQL,),
    Client.LIBPQ_URI: ("psycopg",),
    Client.LIBPQ_KEYWORDS: ("psycopg",),
    Client.ASYNCPG: ("asyncpg",),
    Client.PSYCOPG: ("psycopg", "psycopg-pool"),
    Client.SQLALCHEMY_ASYNCPG: ("sqlalchemy", "asyncpg"),
    Client.SQLALCHEMY_PSYCOPG: ("sqlalchemy", "psycopg"),
    Client.NODE_POSTGRES: ("pg",),
    Client.POSTGRES_JS: ("postgres",),
    Client.PRISMA_6: ("prisma6/prisma", "prisma6/@prisma/adapter-pg"),
    Client.PRISMA_7: ("prisma", "@prisma/adapter-pg"),
    Client.TYPEORM: ("typeorm", "pg"),
    Client.DRIZZLE_NODE_POSTGRES: ("drizzle-orm", "pg"),
    Client.DRIZZLE_POSTGRES_JS: ("drizzle-orm", "postgres"),
    Client.SEQUELIZE: ("sequelize", "pg"),
    Client.JDBC: (_JDBC,),
}
RUN = {*running.PROGRAMMES, *running.STRINGS, Client.PSQL, *IN_NODE}
RUN_POOLED = {*running.MANY, *running.STRINGS, Client.PSQL, Client.JDBC, *THROUGH_POOLER}
_BOTH = {*running.MANY, *running.STRINGS, Client.PSQL}
_WHAT = dict.fromkeys(running.STRINGS, "the string") | {Client.PSQL: "the script, and the command as it is pasted"}


def table() -> str:
    head = (
        "| `client` | run by | direct, `verify-ca` | through PgBouncer, transaction mode |\n| --- | --- | --- | --- |\n"
    )
    return head + "\n".join(_row(client) for client in Client)


def _row(client: Client) -> str:
    if client not in RUN:
        return f"| `{client}` | not run here | read back as its grammar says | the same |"
    versions = ", ".join(_version(name) for name in STANDS_ON[client])
    what = _WHAT.get(client, "the programme")
    poolers = "1.18 and 1.24" if client in _BOTH else "1.18"
    return f"| `{client}` | {versions} | {what} | {poolers if client in RUN_POOLED else 'not run here'} |"


def _version(package: str) -> str:
    """With the first two numbers of it."""
    if package in (_PSQL, _JDBC):
        return package
    name = package.removeprefix("prisma6/")
    folder = _ROOT / "tests/connections/node" / ("" if name == package else "prisma6")
    node = json.loads((folder / "package.json").read_text())
    found = node["dependencies"].get(name)
    if found is None:
        lock = (_ROOT / "requirements-dev.lock").read_text()
        match = re.search(rf"^{re.escape(package)}==(\S+)", lock, re.MULTILINE)
        assert match, package
        found = match[1]
    return f"{name} {'.'.join(found.split('.')[:2])}"


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
