import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.sealing import KeyRing, SealBroken, UnknownKey

OLD, NEW = bytes(range(32)), bytes(range(100, 132))
CONTEXT = "database.password:01941f29"


def ring(**keys: bytes) -> KeyRing:
    return KeyRing(keys, primary=next(iter(keys)))


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_was_sealed_opens_in_its_context(plaintext: bytes, context: str) -> None:
    keys = ring(k1=OLD)
    sealed = keys.seal(plaintext, context=context)
    assert keys.open(sealed, context=context) == plaintext
    assert sealed[-16 - len(plaintext) : -16] != plaintext or len(plaintext) < 4  # a few bytes may agree by chance


def test_sealing_twice_gives_two_texts() -> None:
    keys = ring(k1=OLD)
    assert keys.seal(b"secret", context=CONTEXT) != keys.seal(b"secret", context=CONTEXT)


def test_a_value_moved_to_another_row_does_not_open() -> None:
    keys = ring(k1=OLD)
    sealed = keys.seal(b"secret", context=CONTEXT)
    with pytest.raises(SealBroken, match="moved from another row"):
        keys.open(sealed, context=CONTEXT + "0")


@given(st.binary(max_size=50), st.data())
def test_no_changed_bit_goes_unnoticed(plaintext: bytes, draw: st.DataObject) -> None:
    keys = ring(k1=OLD, k2=NEW)
    sealed = bytearray(keys.seal(plaintext, context=CONTEXT))
    bit = draw.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises((SealBroken, UnknownKey)):
        keys.open(bytes(sealed), context=CONTEXT)


@given(st.integers(0, 40))
def test_no_cut_goes_unnoticed(length: int) -> None:
    keys = ring(k1=OLD)
    sealed = keys.seal(b"secret-value", context=CONTEXT)
    with pytest.raises(SealBroken):
        keys.open(sealed[: min(length, len(sealed) - 1)], context=CONTEXT)


def test_a_value_under_a_missing_key_names_that_key() -> None:
    sealed = ring(k1=OLD).seal(b"secret", context=CONTEXT)
    with pytest.raises(UnknownKey, match="'k1'") as caught:
        ring(k2=NEW).open(sealed, context=CONTEXT)
    assert caught.value.document()["key_id"] == "k1"


def test_another_key_under_the_same_id_is_refused() -> None:
    sealed = ring(k1=OLD).seal(b"secret", context=CONTEXT)
    with pytest.raises(SealBroken, match="replaced"):
        ring(k1=NEW).open(sealed, context=CONTEXT)


def test_rotation_reseals_under_the_primary_key_and_then_the_old_one_may_go() -> None:
    sealed = ring(k1=OLD).seal(b"secret", context=CONTEXT)
    both = ring(k2=NEW, k1=OLD)
    assert both.needs_rotation(sealed)
    assert both.open(sealed, context=CONTEXT) == b"secret"
    resealed = both.reseal(sealed, context=CONTEXT)
    assert not both.needs_rotation(resealed)
    assert ring(k2=NEW).open(resealed, context=CONTEXT) == b"secret"


def test_asking_about_the_rotation_of_rubbish_is_refused() -> None:
    with pytest.raises(SealBroken):
        ring(k1=OLD).needs_rotation(b"\x02rubbish of another version")


def test_the_first_key_of_a_setting_is_the_primary() -> None:
    keys = KeyRing.parse(f"2026-a:{encoded(NEW)}, 2025:{encoded(OLD)}")
    assert not keys.needs_rotation(keys.seal(b"", context=CONTEXT))
    old = KeyRing({"2025": OLD}, primary="2025").seal(b"secret", context=CONTEXT)
    assert keys.needs_rotation(old)
    assert keys.open(old, context=CONTEXT) == b"secret"


def test_a_generated_key_is_accepted_and_new_each_time() -> None:
    key = KeyRing.generate_key()
    assert key != KeyRing.generate_key()
    keys = KeyRing.parse(f"k1:{key}")
    assert keys.open(keys.seal(b"secret", context=CONTEXT), context=CONTEXT) == b"secret"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must be written as id:base64key"),
        (encoded(OLD), "must be written as id:base64key"),
        (f"k1:{encoded(OLD)},", "must be written as id:base64key"),
        (f":{encoded(OLD)}", "key id must have"),
        (f"{encoded(OLD)}:k1", "key id must have"),
        (f"k 1:{encoded(OLD)}", "key id must have"),
        (f"k1:{encoded(OLD)},k1:{encoded(NEW)}", "'k1' is given twice"),
        ("k1:not base64!", "'k1' is not valid base64"),
        ("k1:käse", "'k1' is not valid base64"),
        (f"k1:{encoded(OLD[:31])}", "31 bytes instead of 32"),
        (f"k1:{encoded(OLD + b'x')}", "33 bytes instead of 32"),
        ("k1:", "0 bytes instead of 32"),
        (f"k1:{encoded(bytes(32))}", "'k1' is weak"),
        (f"k1:{encoded(bytes(range(15)) + bytes(17))}", "'k1' is weak"),
        (f"k1:{encoded(b'changeme' * 4)}", "'k1' is weak"),
    ],
)
def test_an_unfit_setting_is_refused_in_one_line_without_the_key(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        KeyRing.parse(text)
    message = str(caught.value)
    assert "\n" not in message
    assert not any(len(part) > 10 and part in message for part in text.replace(",", ":").split(":"))


def test_the_primary_key_must_be_in_the_ring() -> None:
    with pytest.raises(ValueError, match="'k2' is not in the key ring"):
        KeyRing({"k1": OLD}, primary="k2")


def test_a_key_ring_shows_its_ids_only() -> None:
    assert repr(ring(k2=NEW, k1=OLD)) == "KeyRing(keys=['k1', 'k2'], primary='k2')"
    assert "AESGCM" not in str(ring(k1=OLD))


def test_a_key_id_that_is_not_ascii_is_refused() -> None:
    sealed = bytearray(ring(k1=OLD).seal(b"secret", context=CONTEXT))
    sealed[2] = 0xFF
    with pytest.raises(SealBroken, match="no valid key id"):
        ring(k1=OLD).open(bytes(sealed), context=CONTEXT)
