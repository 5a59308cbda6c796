"""Cuts a list into pages, from the two parameters that every list takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from app.kit.pagination import CursorCodec, Page, Scalar

Entry = TypeVar("Entry")
View = TypeVar("View")


@dataclass(frozen=True, slots=True)
class Paging:
    """``limit`` entries of a page; ``filters`` is what tells this list from any other, its route and caller included."""

    limit: int
    cursor: str | None
    codec: CursorCodec
    filters: Mapping[str, Any]

    @property
    def probe(self) -> int:
        """How many rows to read: one more than a page tells whether another follows."""
        return self.limit + 1

    def after(self) -> tuple[Any, ...] | None:
        """The position behind which the page begins. Raises CursorInvalid."""
        return None if self.cursor is None else self.codec.decode(self.cursor, self.filters)

    def cut(
        self, entries: Sequence[Entry], view: Callable[[Entry], View], *, position: Callable[[Entry], Sequence[Scalar]]
    ) -> Page[View]:
        shown = entries[: self.limit]
        has_more = len(entries) > self.limit
        cursor = self.codec.encode(position(shown[-1]), filters=self.filters) if has_more else None
        return Page(data=[view(entry) for entry in shown], next_cursor=cursor, has_more=has_more)
