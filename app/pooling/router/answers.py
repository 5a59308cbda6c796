"""What the routes of pooling have in common."""

from collections.abc import Awaitable
from typing import TypeVar

from fastapi import Response

from app.errors import Problem
from app.jobs.schemas import JobView

Found = TypeVar("Found")


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
