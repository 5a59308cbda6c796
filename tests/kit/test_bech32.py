import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import bech32

PREFIXES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20).map(str.lower)


@given(PREFIXES, st.binary(max_size=80))
def test_what_was_encoded_is_decoded_in_either_case(prefix: str, data: bytes) -> None:
    text = bech32.encode(prefix, data)
    assert bech32.decode(text) == (prefix, data)
    assert bech32.decode(text.upper()) == (prefix, data)


@given(st.binary(min_size=1, max_size=40), st.data())
def test_one_changed_character_is_noticed(data: bytes, draw: st.DataObject) -> None:
    text = bech32.encode("age", data)
    position = draw.draw(st.integers(0, len(text) - 1))
    other = draw.draw(st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l1").filter(lambda c: c != text[position]))
    with pytest.raises(ValueError, match=r"check characters|does not belong|prefix"):
        bech32.decode(text[:position] + other + text[position + 1 :])


@pytest.mark.parametrize("text", ["A12UEL5L", "a12uel5l"])
def test_the_empty_string_of_bip_173_is_read(text: str) -> None:
    assert bech32.decode(text) == ("a", b"")


def test_the_empty_string_of_bip_173_is_written() -> None:
    assert bech32.encode("a", b"") == "a12uel5l"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A12uEL5L", "case"),
        ("pzry9x0s0muk", "prefix"),
        ("1pzry9x0s0muk", "prefix"),
        ("\x201nwldj5", "prefix"),
        ("ä12uel5l", "prefix"),
        ("x1b4n0q5v", "does not belong"),
        ("li1dgmt3", "does not belong"),
        ("A1G7SGD8", "check characters"),
        ("", "prefix"),
    ],
)
def test_invalid_strings_are_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        bech32.decode(text)


@pytest.mark.parametrize("values", [[0], [0, 1], [0, 0, 0]])
def test_leftover_bits_that_are_too_many_or_not_zero_are_refused(values: list[int]) -> None:
    check = bech32._polymod([*bech32._expand("age"), *values, *[0] * 6]) ^ 1
    text = "age1" + "".join(
        bech32._CHARSET[value] for value in [*values, *(check >> shift & 31 for shift in range(25, -1, -5))]
    )
    with pytest.raises(ValueError, match="left over"):
        bech32.decode(text)
