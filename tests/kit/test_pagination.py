import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadRequest
from app.kit.pagination import CursorCodec, CursorInvalid, Page, Scalar, coerce_limit

CODEC = CursorCodec(bytes(range(32)))
POSITION: tuple[Scalar, ...] = (
    datetime(2026, 5, 5, 12, 0, 0, 123456, tzinfo=UTC),
    UUID("01941f29-7c00-7aaa-8bbb-cccccccccccc"),
)
FILTERS: Mapping[str, Any] = {"route": "list_jobs", "status": ["running"], "created_after": POSITION[0]}

SCALARS: st.SearchStrategy[Scalar] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])),
    st.uuids(),
)


@given(st.lists(SCALARS, max_size=4), st.dictionaries(st.text(max_size=5), SCALARS, max_size=4))
def test_a_position_survives_with_its_types(position: list[Scalar], filters: dict[str, Scalar]) -> None:
    text = CODEC.encode(position, filters=filters)
    decoded = CODEC.decode(text, dict(reversed(filters.items())))
    assert decoded == tuple(position)
    assert [type(value) for value in decoded] == [type(value) for value in position]


def test_a_cursor_is_fit_for_a_url() -> None:
    text = CODEC.encode(POSITION, filters=FILTERS)
    assert set(text) <= set(string.ascii_letters + string.digits + "-_")


@given(st.data())
def test_no_changed_character_goes_unnoticed(draw: st.DataObject) -> None:
    text = CODEC.encode(POSITION, filters=FILTERS)
    position = draw.draw(st.integers(0, len(text) - 1))
    other = draw.draw(st.characters().filter(lambda character: character != text[position]))
    with pytest.raises(CursorInvalid):
        CODEC.decode(text[:position] + other + text[position + 1 :], FILTERS)


@given(st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(CursorInvalid):
        CODEC.decode(text, FILTERS)


@pytest.mark.parametrize("suffix", ["=", "==", " ", "\n", "A", "!"])
def test_an_appended_character_is_refused(suffix: str) -> None:
    with pytest.raises(CursorInvalid):
        CODEC.decode(CODEC.encode(POSITION, filters=FILTERS) + suffix, FILTERS)


def test_a_text_too_long_for_a_cursor_is_refused_unread() -> None:
    with pytest.raises(CursorInvalid):
        CODEC.decode("A" * 1_000_000, FILTERS)


@pytest.mark.parametrize("change", [{"route": "list_backups"}, {"status": ["failed"]}, {"status": []}, {"more": None}])
def test_other_filters_are_refused(change: dict[str, Any]) -> None:
    text = CODEC.encode(POSITION, filters=FILTERS)
    with pytest.raises(CursorInvalid) as caught:
        CODEC.decode(text, {**FILTERS, **change})
    assert caught.value.document()["code"] == "CURSOR_INVALID"
    assert caught.value.document()["status"] == 400
    assert caught.value.members == {"parameter": "cursor"}


def test_the_cursor_of_another_key_is_refused() -> None:
    with pytest.raises(CursorInvalid):
        CODEC.decode(CursorCodec(bytes(32)).encode(POSITION, filters=FILTERS), FILTERS)


@pytest.mark.parametrize("value", [Decimal(1), b"bytes", object()])
def test_a_value_that_would_not_survive_is_a_mistake_of_ours(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot stand in a cursor"):
        CODEC.encode([value], filters={})


@pytest.mark.parametrize("value", [datetime(2026, 1, 1), float("nan"), float("inf")])  # noqa: DTZ001 (the mistake)
def test_naive_times_and_numbers_outside_json_are_a_mistake_of_ours(value: Scalar) -> None:
    with pytest.raises(ValueError, match=r"aware|JSON"):
        CODEC.encode([value], filters={})


@pytest.mark.parametrize(("limit", "coerced"), [(None, 50), (0, 50), (1, 1), (200, 200), (201, 200), (10**9, 200)])
def test_a_limit_is_coerced(limit: int | None, coerced: int) -> None:
    assert coerce_limit(limit) == coerced


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(BadRequest, match="between 1 and 200"):
        coerce_limit(-1)


def test_a_page_is_typed_by_its_items() -> None:
    page = Page[int](data=[1, 2], next_cursor="abc", has_more=True)
    assert page.model_dump() == {"data": [1, 2], "next_cursor": "abc", "has_more": True}
    assert Page[int].model_json_schema()["properties"]["data"]["items"] == {"type": "integer"}
