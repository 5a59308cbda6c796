"""What the rows will be once a wish is granted: worked out before anything is written, and again when it is."""

from collections.abc import Sequence

from app.connections.models import Pool, Pooler
from app.kit.ids import new_id
from app.pooling.schemas import PoolerOptions, PoolPatch, PoolPut, is_pool_name

_UNNAMED = "default"


def first_pool(pooler: Pooler, default_database: str) -> Pool:
    """Of the name that clients use now, where a pool can have it."""
    options = PoolerOptions.model_validate(pooler.options)
    return Pool(
        id=new_id(),
        pooler_id=pooler.id,
        name=default_database if is_pool_name(default_database) else _UNNAMED,
        logical_database=default_database,
        mode=options.pool_mode,
        size=options.default_pool_size,
    )


def as_put(pooler: Pooler, name: str, wish: PoolPut, before: Pool | None) -> Pool:
    """A copy, which no session knows."""
    options = PoolerOptions.model_validate(pooler.options)
    kept = before.model_dump() if before else {"id": new_id(), "pooler_id": pooler.id, "name": name}
    wished = wish.model_dump() | {
        "logical_database": wish.logical_database or name,
        "mode": wish.mode or options.pool_mode,
        "size": wish.size or options.default_pool_size,
    }
    return Pool(**(kept | wished))


def as_patched(wish: PoolPatch, before: Pool) -> Pool:
    wished = wish.model_dump(include=wish.model_fields_set)
    kept = before.model_dump()
    return Pool(**(kept | {name: value for name, value in wished.items() if value is not None or _may_be_null(name)}))


def among(pools: Sequence[Pool], changed: Pool) -> list[Pool]:
    """All of them, with this one in the place of its namesake."""
    return sorted([*(pool for pool in pools if pool.name != changed.name), changed], key=lambda pool: pool.name)


def _may_be_null(name: str) -> bool:
    return name == "max_db_connections"
