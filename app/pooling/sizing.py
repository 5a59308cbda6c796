"""How large the pools of a server should be, with the arithmetic."""

import os
from typing import Final

from pydantic import Field

from app.auth.schemas import View
from app.databases.models import Database, ProviderName
from app.pooling.capacity import Demand

_SPINDLES: Final = 1
_LEAST: Final = 2


class SizingAdvice(View):
    """Advice, not a rule: measure, and look at the time that clients wait."""

    size: int | None = Field(description="Of each pool, for each user; null where neither cores nor limits are known.")
    cores: int | None = Field(description="Of the server; null: not known, so give it by `cores`.")
    arithmetic: list[str]


def sizing_of(database: Database, demand: Demand, *, cores: int | None) -> SizingAdvice:
    """By what the server can do at once, bounded by what it allows."""
    known = cores or (os.cpu_count() if database.provider == ProviderName.LOCAL else None)
    shares = max(1, len(demand.pools)) * demand.users
    lines, bounds = [], []
    if known is None:
        lines.append("How many cores the server has is not known; give them by ?cores=.")
    else:
        by_cores = max(_LEAST, (known * 2 + _SPINDLES) // shares)
        bounds.append(by_cores)
        lines.append(
            f"A server does about 2 × cores + {_SPINDLES} things at once: 2 × {known} + {_SPINDLES} = "
            f"{known * 2 + _SPINDLES}, over {len(demand.pools)} pools × {demand.users} users: {by_cores} each."
        )
    if demand.free is not None:
        by_slots = demand.free // shares
        bounds.append(by_slots)
        lines.append(f"Its connections allow {demand.free} ÷ {shares} = {by_slots} each.")
    size = max(1, min(bounds)) if bounds else None
    return SizingAdvice(size=size, cores=known, arithmetic=[*lines, *demand.arithmetic()])
