import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.age import DamagedFile, Identity
from app.kit.age.header import Stanza, find_end, parse, render, verify

FILE_KEY = bytes(range(16))
FIRST, MAC = b"age-encryption.org/v1\n", b"--- " + b"A" * 43 + b"\n"
VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
STANZAS = st.builds(Stanza, VISIBLE, st.lists(VISIBLE, max_size=3).map(tuple), st.binary(max_size=150))


@given(st.lists(STANZAS, min_size=1, max_size=4))
def test_stanzas_of_every_kind_and_length_survive(stanzas: list[Stanza]) -> None:
    data = render(stanzas, FILE_KEY)
    assert find_end(data + b"payload\n--- more", 0) == len(data)
    header = parse(data)
    verify(header, FILE_KEY)
    assert header.stanzas == tuple(stanzas)
    assert all(len(line) <= 64 for line in data.split(b"\n") if not line.startswith(b"->"))


@pytest.mark.parametrize("length", [0, 47, 48, 49, 95, 96, 97])
def test_a_body_ends_in_a_line_shorter_than_64_characters(length: int) -> None:
    body = render([Stanza("x", (), bytes(length))], FILE_KEY).split(b"\n")[2:-2]
    assert [len(line) for line in body[:-1]] == [64] * (length // 48)
    assert len(body[-1]) < 64


def test_the_end_is_found_wherever_the_pieces_are_cut() -> None:
    data = render([Stanza("x", (), b"abc")], FILE_KEY)
    for searched in range(len(data)):
        assert find_end(data[:searched], 0) is None
        assert find_end(data, searched) == len(data)


def test_an_altered_header_is_noticed() -> None:
    data = render([Stanza("x", ("a",), b"")], FILE_KEY).replace(b"-> x a", b"-> x b")
    with pytest.raises(DamagedFile, match="altered"):
        verify(parse(data), FILE_KEY)


@pytest.mark.parametrize(
    ("middle", "why"),
    [
        (b"", "names no recipient"),
        (b"\n", "malformed stanza"),
        (b"->\n\n", "malformed stanza"),
        (b"-> \n\n", "malformed stanza"),
        (b"->x\n\n", "malformed stanza"),
        (b"-> x \n\n", "malformed stanza"),
        (b"-> x  y\n\n", "malformed stanza"),
        (b"-> x\ty\n\n", "malformed stanza"),
        (b"-> x\r\n\n", "malformed stanza"),
        ("-> é\n\n".encode(), "malformed stanza"),
        (b"x\n\n", "malformed stanza"),
        (b"-> x\n\n\n", "malformed stanza"),
        (b"-> x\n", "without an end"),
        (b"-> x\n" + b"A" * 64 + b"\n", "without an end"),
        (b"-> x\n" + b"A" * 68 + b"\n", "without an end"),
        (b"-> x\nAAA=\n", "malformed base64"),
        (b"-> x\nAA==\n", "malformed base64"),
        (b"-> x\nAAB\n", "malformed base64"),
        (b"-> x\nA\n", "malformed base64"),
        (b"-> x\nA-_A\n", "malformed base64"),
        (b"-> x\nAA AA\n", "malformed base64"),
        (b"-> x\nAAAA\r\n", "malformed base64"),
    ],
)
def test_malformed_stanzas_are_refused(middle: bytes, why: str) -> None:
    with pytest.raises(DamagedFile, match=why):
        parse(FIRST + middle + MAC)


@pytest.mark.parametrize("mac", [MAC[:-1] + b"x", b"---" + b"A" * 44 + b"\n", b"--- " + b"=" * 43 + b"\n"])
def test_a_malformed_mac_line_is_refused(mac: bytes) -> None:
    with pytest.raises(DamagedFile, match="MAC line"):
        parse(FIRST + b"-> x\n\n" + mac)


def test_a_mac_spelled_in_another_way_is_refused() -> None:
    with pytest.raises(DamagedFile, match="malformed base64"):
        parse(FIRST + b"-> x\n\n" + MAC.replace(b"A\n", b"B\n"))


@pytest.mark.parametrize(
    "stanza",
    [
        Stanza("X25519", (), bytes(32)),
        Stanza("X25519", ("A" * 43, "more"), bytes(32)),
        Stanza("X25519", ("A" * 43,), bytes(31)),
        Stanza("X25519", ("A" * 42,), bytes(32)),
        Stanza("X25519", ("A" * 42 + "B",), bytes(32)),
        Stanza("X25519", ("A" * 43,), bytes(32)),  # the all-zero share, with which anybody shares the same secret
    ],
)
def test_a_malformed_x25519_stanza_is_damage_and_not_another_recipient(stanza: Stanza) -> None:
    with pytest.raises(DamagedFile):
        Identity.generate().unwrap(stanza)


def test_only_the_recipient_unwraps_the_file_key() -> None:
    identity, file_key = Identity.generate(), secrets.token_bytes(16)
    stanza = identity.recipient.wrap(file_key)
    assert identity.unwrap(stanza) == file_key
    assert Identity.generate().unwrap(stanza) is None
    assert identity.unwrap(Stanza("other", stanza.arguments, stanza.body)) is None
