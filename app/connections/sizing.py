"""How many connections a client should hold."""

from typing import Final

from app.connections.clients.registry import Client
from app.connections.schemas import ClientPool, Mode, PoolAdvice

_USUAL: Final = ClientPool(min=1, max=5)
_POOLED: Final = ClientPool(min=1, max=10)
_MANY: Final = 50
_ONE_AT_A_TIME: Final = (Client.PSQL, Client.LIBPQ_URI, Client.LIBPQ_KEYWORDS, Client.PGADMIN, Client.POSTICO)


def advice(client: Client, mode: Mode, wish: ClientPool | None, processes: int) -> PoolAdvice:
    """What was wished, or what suits most, and what that comes to."""
    if client in _ONE_AT_A_TIME:
        why = "It opens one connection for each session, and holds no pool."
        return PoolAdvice(min=0, max=1, connections=processes, why=why)
    pool = wish or (_POOLED if mode is Mode.POOLED else _USUAL)
    total = 2 * processes * pool.max
    if mode is Mode.POOLED:
        why = (
            "Of the pooler's clients, which cost it little: the server sees only the pooler's own connections, whose number "
            "its pools decide."
        )
    else:
        why = (
            "A server works best with about two busy connections for each of its processors and one for its disk, over all "
            "clients; requests that wait for a free one cost less than sessions that wait for a processor. Needed are "
            "requests in a second times the seconds that each holds a connection, and half as many again."
        )
    return PoolAdvice(min=pool.min, max=pool.max, connections=total, why=why)


def is_many(mode: Mode, pool: PoolAdvice) -> bool:
    """Of a server with PostgreSQL's own default of 100."""
    return mode is not Mode.POOLED and pool.connections > _MANY
