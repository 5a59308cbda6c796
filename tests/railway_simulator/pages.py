"""Pages as Relay has them: at most a hundred at once, whatever is asked for."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from tests.railway_simulator.errors import BadInput
from tests.railway_simulator.model import Entity

MOST: Final = 100
AnyEntity = TypeVar("AnyEntity", bound=Entity)


def page(
    entities: Sequence[AnyEntity], view: Callable[[AnyEntity], Any], first: int | None = None, after: str | None = None
) -> dict[str, Any]:
    """``entities`` in the order of their numbers, falling or rising."""
    if first is not None and first < 0:
        raise BadInput("first must not be negative")
    start = 0
    if after is not None:
        last = _number(after)
        falling = len(entities) > 1 and entities[0].number > entities[-1].number
        start = sum(1 for entity in entities if (entity.number >= last if falling else entity.number <= last))
    rest = entities[start:]
    shown = rest[: MOST if first is None else min(first, MOST)]
    return {
        "edges": [{"node": view(entity), "cursor": _cursor(entity)} for entity in shown],
        "pageInfo": {
            "hasNextPage": len(rest) > len(shown),
            "endCursor": _cursor(shown[-1]) if shown else None,
        },
    }


def _cursor(entity: Entity) -> str:
    return urlsafe_b64encode(f"after:{entity.number}".encode()).decode()


def _number(cursor: str) -> int:
    try:
        return int(urlsafe_b64decode(cursor).decode().removeprefix("after:"))
    except ValueError:
        raise BadInput("after is not a cursor") from None
