"""How a route declares the errors that it raises, for the OpenAPI document."""

from collections import defaultdict
from typing import Any

from app.errors import Problem

MEDIA_TYPE = "application/problem+json"


def raises(*errors: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: one entry per status, naming each code that it may carry.

    Only content is given: with a model FastAPI would add a second media type to the answer.
    """
    by_status: dict[int, list[type[Problem]]] = defaultdict(list)
    for error in errors:
        by_status[error.status].append(error)
    return {
        status: {
            "description": "; ".join(f"`{error.code}`: {error.title}" for error in kinds),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, kinds in sorted(by_status.items())
    }
