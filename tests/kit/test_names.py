from typing import Annotated

import pytest
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from app.kit.names import STORABLE_SECRET, Name, PostgresName, Text, is_storable


class Wish(BaseModel):
    text: Text = ""
    name: Name = "a"
    postgres: PostgresName = "a"
    secret: Annotated[SecretStr, STORABLE_SECRET] = SecretStr("")


LOST = ["a\0b", "\0", "\ud800", "a\udfff"]


@pytest.mark.parametrize("text", LOST)
@pytest.mark.parametrize("member", ["text", "name", "postgres", "secret"])
def test_no_text_holds_what_no_table_can(member: str, text: str) -> None:
    assert not is_storable(text)
    with pytest.raises(ValidationError) as raised:
        Wish.model_validate({member: text})
    assert [error["loc"] for error in raised.value.errors()] == [(member,)]


@pytest.mark.parametrize("text", ["", "a\nb", "Straße", "\U0001f418", "'; DROP TABLE x; --", "%s"])
def test_anything_else_is_text(text: str) -> None:
    assert is_storable(text)
    assert TypeAdapter(Text).validate_python(text) == text
    secret = TypeAdapter(Annotated[SecretStr, STORABLE_SECRET]).validate_python(text)
    assert secret.get_secret_value() == text


@pytest.mark.parametrize(("name", "fits"), [("a" * 63, True), ("ä" * 31, True), ("ä" * 32, False), ("", False)])
def test_a_postgres_name_is_counted_in_bytes(name: str, fits: bool) -> None:
    if fits:
        assert TypeAdapter(PostgresName).validate_python(name) == name
    else:
        with pytest.raises(ValidationError, match="1 to 63 bytes"):
            TypeAdapter(PostgresName).validate_python(name)
