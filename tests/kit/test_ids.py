import re
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.kit import ids
from app.kit.ids import DatabaseId, decode_id, encode_id, id_pattern, new_id


class Row(BaseModel):
    id: DatabaseId


def test_a_new_id_is_a_uuid_of_version_7_with_the_time_in_front(monkeypatch: pytest.MonkeyPatch) -> None:
    # Ids never go back, and another test of this process may have turned the clock forward.
    monkeypatch.setattr(ids, "_stamps", ids._Stamps())
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert before <= made.int >> 80 <= after + 1


def test_ids_made_one_after_another_grow() -> None:
    made = [new_id() for _ in range(5_000)]
    assert made == sorted(set(made))


def test_ids_grow_although_the_clock_stands_still_or_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_stamps", ids._Stamps())
    readings = [1_700_000_000_000_000_000] * 5_000 + [1_600_000_000_000_000_000] * 5
    monkeypatch.setattr(time, "time_ns", iter(readings).__next__)
    made = [new_id() for _ in readings]
    assert made == sorted(set(made))
    assert {value.version for value in made} == {7}


def test_threads_never_make_the_same_stamp() -> None:
    stamps = ids._Stamps()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: stamps.next(), range(2_000)))
    assert len(set(made)) == len(made)


@given(st.uuids())
def test_an_id_survives_its_text_and_fits_the_pattern(value: UUID) -> None:
    text = encode_id("db", value)
    assert len(text) == 29
    assert decode_id("db", text) == value
    assert re.fullmatch(id_pattern("db"), text)


@given(st.uuids(), st.uuids())
def test_texts_sort_like_the_ids(one: UUID, other: UUID) -> None:
    assert (encode_id("db", one) < encode_id("db", other)) == (one < other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "db",
        "db_",
        "bak_" + "0" * 26,
        "db_" + "0" * 25,
        "db_" + "0" * 27,
        "db_8" + "0" * 25,
        "db_" + "0" * 25 + "u",
        "db_" + "0" * 25 + "A",
        "DB_" + "0" * 26,
        "db_" + "0" * 25 + "٣",
    ],
)
def test_texts_that_are_no_such_id_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an id of the form db_"):
        decode_id("db", text)
    assert not re.fullmatch(id_pattern("db"), text)


def test_a_field_is_a_uuid_in_python_and_prefixed_text_in_json() -> None:
    value = new_id()
    text = encode_id("db", value)
    row = Row.model_validate({"id": text})
    assert row.id == value
    assert row == Row(id=value)
    assert row.model_dump() == {"id": value}
    assert row.model_dump(mode="json") == {"id": text}
    assert Row.model_validate_json(row.model_dump_json()) == row


def test_a_field_refuses_the_id_of_another_kind() -> None:
    with pytest.raises(ValidationError, match="not an id of the form db_"):
        Row.model_validate({"id": encode_id("bak", new_id())})


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_shows_pattern_and_example(mode: str) -> None:
    schema = TypeAdapter(DatabaseId).json_schema(mode="validation" if mode == "validation" else "serialization")
    assert schema["type"] == "string"
    assert schema["pattern"] == id_pattern("db")
    assert re.fullmatch(schema["pattern"], schema["examples"][0])
