import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Problem
from app.storage.errors import ObjectChanged, ObjectMissing, ObjectTruncated, StoreUnreachable
from app.storage.reader import Answer, resumed
from app.storage.retries import Retries

RETRIES = Retries(attempts=3, base_seconds=0, cap_seconds=0)


class Source:
    """An object whose answers break off at the given lengths."""

    def __init__(self, content: bytes, *, breaks: list[int], silent: bool = False) -> None:
        self.content = content
        self.breaks = breaks
        self.silent = silent
        self.requests: list[tuple[int, int | None, str | None]] = []
        self.etag = '"1"'
        self.problems: list[Problem] = []
        self.open_answers = 0

    async def open(self, start: int, end: int | None, etag: str | None) -> Answer:
        self.requests.append((start, end, etag))
        if self.problems:
            raise self.problems.pop(0)
        self.open_answers += 1
        stop = len(self.content) if end is None else min(end, len(self.content))
        body = Body(self, start, stop)
        return Answer(self.etag, stop, body.read, body.close)


class Body:
    def __init__(self, source: Source, start: int, stop: int) -> None:
        self._source = source
        self._content = source.content[start:stop]
        self._left = source.breaks.pop(0) if source.breaks else len(self._content) + 1

    async def read(self, limit: int) -> bytes:
        piece = self._content[: min(limit, 7, self._left)]
        if not piece and self._content and not self._source.silent:
            raise StoreUnreachable("broken")
        self._content = self._content[len(piece) :]
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._source.open_answers -= 1


async def collect(source: Source, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in resumed(source.open, start=start, end=end, retries=RETRIES)])


@given(st.binary(max_size=100), st.lists(st.integers(1, 40), max_size=8), st.booleans(), st.data())
async def test_a_range_is_whole_however_often_the_connection_breaks(
    content: bytes, breaks: list[int], silent: bool, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.none() | st.integers(start, len(content)))
    source = Source(content, breaks=breaks, silent=silent)
    assert await collect(source, start, end) == content[start:end]
    assert source.open_answers == 0
    assert all(etag == '"1"' for _, _, etag in source.requests[1:])


async def test_it_goes_on_where_it_was() -> None:
    source = Source(b"0123456789", breaks=[4])
    assert await collect(source, 1, 9) == b"12345678"
    assert source.requests == [(1, 9, None), (5, 9, '"1"')]


async def test_a_store_that_sends_nothing_is_given_up() -> None:
    source = Source(b"0123456789", breaks=[0] * 9)
    with pytest.raises(StoreUnreachable):
        await collect(source)
    assert len(source.requests) == 3


async def test_failures_to_open_are_repeated_too_but_refusals_are_not() -> None:
    source = Source(b"0123456789", breaks=[])
    source.problems = [StoreUnreachable("1"), StoreUnreachable("2")]
    assert await collect(source) == b"0123456789"
    source.problems = [ObjectMissing("gone")]
    with pytest.raises(ObjectMissing):
        await collect(source)


async def test_another_version_of_the_object_is_refused_even_by_stores_without_conditions() -> None:
    source = Source(b"0123456789", breaks=[4])
    chunks = resumed(source.open, start=0, end=None, retries=RETRIES)
    assert await anext(chunks) == b"0123"
    source.etag = '"2"'
    with pytest.raises(ObjectChanged):
        await anext(chunks)
    assert source.open_answers == 0


async def test_an_object_that_ends_before_the_range_is_refused() -> None:
    with pytest.raises(ObjectTruncated, match="ends at byte 10"):
        await collect(Source(b"0123456789", breaks=[]), 5, 11)


async def test_leaving_early_closes_the_answer() -> None:
    source = Source(b"0123456789", breaks=[4])
    chunks = resumed(source.open, start=0, end=None, retries=RETRIES)
    await anext(chunks)
    await chunks.aclose()
    assert source.open_answers == 0
