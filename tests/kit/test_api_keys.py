import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.kit.api_keys import digest, matches, mint, parse
from app.kit.ids import encode_id

PEPPER = bytes(range(32))
BASE62 = string.ascii_letters + string.digits
# Minted from 32 counting bytes; fixed, since keys that were handed out must stay readable.
SAMPLE = "pgm_01jgfjjz00fan8qeycsk6csk6c_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf18hD3E"


def test_a_minted_key_has_the_published_form_and_parses() -> None:
    key = mint()
    text = key.text.get_secret_value()
    assert len(text) == 80
    assert text.startswith(encode_id("pgm", key.key_id) + "_" + key.secret.get_secret_value())
    assert len(key.secret.get_secret_value()) == 43
    assert parse(text) == (key.key_id, key.secret)
    assert key.key_id.version == 7


def test_a_key_handed_out_long_ago_still_parses() -> None:
    key_id, secret = parse(SAMPLE)
    assert key_id == UUID("01941f29-7c00-7aaa-8bbb-cccccccccccc")
    assert secret.get_secret_value() == SAMPLE[31:74]


def test_no_two_keys_are_alike() -> None:
    keys = [mint() for _ in range(200)]
    assert len({key.key_id for key in keys}) == 200
    assert len({key.secret.get_secret_value() for key in keys}) == 200


def test_a_minted_key_hides_its_secret() -> None:
    key = mint()
    assert key.secret.get_secret_value() not in repr(key)
    assert key.text.get_secret_value() not in str(key)


@given(st.integers(0, 79), st.sampled_from(BASE62 + "_-"))
def test_one_wrong_character_is_noticed_without_a_look_up(position: int, character: str) -> None:
    if SAMPLE[position] == character:
        return
    with pytest.raises(ValueError, match="API key") as caught:
        parse(SAMPLE[:position] + character + SAMPLE[position + 1 :])
    assert SAMPLE[31:60] not in str(caught.value)


@given(st.integers(31, 78))
def test_two_swapped_characters_are_noticed(position: int) -> None:
    one, other = SAMPLE[position], SAMPLE[position + 1]
    if one == other:
        return
    with pytest.raises(ValueError, match="checksum"):
        parse(SAMPLE[:position] + other + one + SAMPLE[position + 2 :])


@pytest.mark.parametrize("text", ["", "pgm_", SAMPLE[:-1], SAMPLE + "a", SAMPLE + "\n", " " + SAMPLE, "é" * 80])
def test_what_is_no_key_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an API key"):
        parse(text)


def test_only_the_secret_and_the_pepper_together_match_the_stored_digest() -> None:
    secret = mint().secret
    stored = digest(secret, PEPPER)
    assert len(stored) == 32
    assert matches(secret, stored, PEPPER)
    assert not matches(mint().secret, stored, PEPPER)
    assert not matches(secret, stored, PEPPER[::-1])
    assert not matches(secret, stored[:-1], PEPPER)


def test_the_digest_is_hmac_sha_256() -> None:
    # RFC 4231, test case 2
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert digest(SecretStr("what do ya want for nothing?"), b"Jefe").hex() == expected
