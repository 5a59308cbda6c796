"""What can stand against a request about a pooler."""

from uuid import UUID

from app.errors import Conflict, NotFound
from app.kit.ids import encode_id
from app.providers.railway.errors import RailwayProblem


class PoolerNotFound(NotFound):
    code, title = "POOLER_NOT_FOUND", "The database has no pooler"

    def __init__(self, database_id: UUID) -> None:
        outside = encode_id("db", database_id)
        super().__init__(f"{outside} has no pooler of ours. PUT /v1/databases/{outside}/pooler makes one.")


class PoolNotFound(NotFound):
    code, title = "POOL_NOT_FOUND", "There is no such pool"

    def __init__(self, name: str) -> None:
        super().__init__(f"The pooler has no pool named {name!r}. GET …/pooler/pools lists those that it has.")


class PoolerStateInvalid(Conflict):
    def __init__(self, state: str, action: str) -> None:
        super().__init__(f"The pooler is {state} and cannot be {action}.", state=state)


class PoolsTooLarge(Conflict):
    """PgBouncer opens up to a pool's size for each user of it, and the server has one limit for all."""

    code, title = "POOLS_TOO_LARGE", "The pools may need more connections than the server has"

    def __init__(self, arithmetic: list[str], demand: int, free: int) -> None:
        super().__init__(
            f"The pools may open {demand} connections, and the server has {free} for them. {' '.join(arithmetic)} Choose a "
            "smaller size, bound a pool by max_db_connections, raise max_connections, or force it by ?force=true.",
            demand=demand,
            free=free,
        )


class PoolsFixed(Conflict):
    code, title = "POOLS_FIXED", "Railway's pooler has no pools of its own"

    def __init__(self) -> None:
        super().__init__(
            "The pooler that Railway's template makes takes every logical database and login, and has one mode and size for "
            "all of them. Change those by PUT …/pooler (pool_mode, default_pool_size); clients give the name of any logical "
            "database."
        )


class ClusterNotPoolable(Conflict):
    code, title = "CLUSTER_NOT_POOLABLE", "The database is a cluster at Railway"

    def __init__(self) -> None:
        super().__init__(
            "The database is a member of a highly available cluster, which this service recognises and does not change. Add "
            "PgBouncer to its root in Railway's own view; …/connections shows it then."
        )


class PoolerOutOfReach(Conflict):
    """Only a process inside its environment, or a TCP proxy of its own, leads to its console."""

    code, title = "POOLER_OUT_OF_REACH", "Nothing leads from here to the pooler"

    def __init__(self) -> None:
        super().__init__(
            "The pooler listens in the private network of its environment at Railway, and this process runs elsewhere. Run "
            "this service in that project and environment, or give the pooler's service a TCP proxy to port 5432 at Railway "
            "for as long as you need it."
        )


class PoolerReplicated(Conflict):
    """A connection ends at any one of them."""

    code, title = "POOLER_REPLICATED", "The pooler has several replicas"

    def __init__(self, replicas: int) -> None:
        super().__init__(
            f"The pooler runs as {replicas} replicas behind one address. A console answers for one of them alone, and nothing "
            "says which. Scale it to one replica at Railway first.",
            replicas=replicas,
        )


class OverlayNotStaged(RailwayProblem):
    code, title = "RAILWAY_OVERLAY_NOT_STAGED", "Railway staged no change of the pooler"
    way_out = "Look at the environment's staged changes at Railway, discard what is left of it, and try again."


class OverlayNotCommitted(RailwayProblem):
    code, title = "RAILWAY_OVERLAY_NOT_COMMITTED", "The change of the pooler was not seen to be made"
    way_out = "Look at the environment at Railway. Trying again goes on from what is there."


class PoolBusy(Conflict):
    """A pause waits for transactions, and no longer than the caller wants to."""

    code, title, retryable = "POOL_BUSY", "Transactions did not end in time", True

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"After {seconds:g} seconds transactions still ran, so the pause was taken back. Wait for longer "
            "(wait_seconds), or end them: GET …/pooler/stats shows where they run.",
            retry_after=5,
        )


class PoolerElsewhere(Conflict):
    """It listens on the loopback address of another machine."""

    code, title = "POOLER_ELSEWHERE", "The pooler runs on another machine"

    def __init__(self) -> None:
        super().__init__(
            "The pooler runs on another machine of this installation, and its console is reached from there only. Ask the "
            "API of that machine."
        )
