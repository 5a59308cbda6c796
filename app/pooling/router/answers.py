"""What the routes of pooling have in common."""

from collections.abc import Awaitable
from typing import TypeVar

from fastapi import Response

from app.errors import Problem
from app.jobs.schemas import JobView
from app.pooling.errors import PoolerElsewhere, PoolerOutOfReach, PoolerReplicated
from app.postgres.errors import PoolerUnreachable
from app.providers.railway.errors import (
    RailwayNotAuthorized,
    RailwayNotFound,
    RailwayRateLimited,
    RailwayTokenInvalid,
    RailwayUnavailable,
)

Found = TypeVar("Found")

# Those of one that Railway runs.
RAILWAY = (RailwayNotAuthorized, RailwayNotFound, RailwayRateLimited, RailwayTokenInvalid, RailwayUnavailable)
# Those of whoever asks a console.
UNREACHABLE = (PoolerElsewhere, PoolerOutOfReach, PoolerReplicated, PoolerUnreachable, *RAILWAY)


async def look(plan: Awaitable[Found]) -> Found | Problem:
    """A refusal waits until it is known that this is no repetition: that one gets its first answer again."""
    try:
        return await plan
    except Problem as refusal:
        return refusal


def tell_job(view: JobView, response: Response) -> JobView:
    response.headers["Location"] = view.links["self"]
    response.headers["Retry-After"] = "1"
    return view
