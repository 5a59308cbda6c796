"""How many connections a server allows, and how many clients have."""

from dataclasses import dataclass
from typing import Final

from app.postgres.connect import Session

_OWN: Final = "pgmanager%"

# Without pg_read_all_stats what kind of session it is and its state are hidden, and only sessions of clients have a role
# and a database.
OF_CLIENTS: Final = (
    "coalesce(backend_type, 'client backend') = 'client backend' AND datid IS NOT NULL AND usesysid IS NOT NULL"
)

_SLOTS: Final = f"""
SELECT current_setting('max_connections')::int AS max_connections,
       current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true), '0')::int AS reserved,
       (SELECT count(*) FROM pg_catalog.pg_stat_activity
         WHERE {OF_CLIENTS} AND coalesce(application_name, '') NOT LIKE $1) AS clients
"""  # noqa: S608 (what is put in stands above)


@dataclass(frozen=True, slots=True)
class Slots:
    """``clients`` without the connections of this service itself."""

    max_connections: int
    reserved: int
    clients: int

    @property
    def usable(self) -> int:
        return self.max_connections - self.reserved


async def slots(session: Session) -> Slots:
    row = await session.fetchrow(_SLOTS, _OWN)
    assert row is not None
    return Slots(row["max_connections"], row["reserved"], row["clients"])
