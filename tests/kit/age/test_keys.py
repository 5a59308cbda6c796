import pytest

from app.kit import bech32
from app.kit.age import Identity, Recipient

# Fixed: the parallel runs of the tests must agree on their parameters.
SECRET = bech32.encode("age-secret-key-", bytes(range(32))).upper()
RECIPIENT = str(Identity.parse(SECRET).recipient)


def test_keys_survive_their_text() -> None:
    identity = Identity.generate()
    secret = identity.secret.get_secret_value()
    assert secret.startswith("AGE-SECRET-KEY-1")
    assert Identity.parse(secret).secret == identity.secret
    assert Identity.parse(secret).recipient == identity.recipient
    assert Recipient.parse(str(identity.recipient)) == identity.recipient
    assert str(identity.recipient).startswith("age1")


def test_an_identity_shows_its_recipient_only() -> None:
    identity = Identity.generate()
    for text in (repr(identity), str(identity), f"{identity.secret}"):
        assert "AGE-SECRET-KEY" not in text
    assert str(identity.recipient) in repr(identity)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        RECIPIENT.upper(),
        RECIPIENT[:-1] + "b",
        " " + RECIPIENT,
        bech32.encode("age", bytes(range(31))),
        bech32.encode("age", bytes(range(33))),
        bech32.encode("other", bytes(range(32))),
        SECRET,
        "ssh-ed25519 AAAA",
    ],
)
def test_what_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a recipient"):
        Recipient.parse(text)


def test_a_public_key_that_shares_a_known_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="readable by anyone"):
        Recipient.parse(bech32.encode("age", bytes(32)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        SECRET.lower(),
        SECRET[:-3],
        SECRET + "\n",
        bech32.encode("age-secret-key-", bytes(range(31))).upper(),
        RECIPIENT,
    ],
)
def test_what_is_no_identity_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="not a key") as caught:
        Identity.parse(text)
    assert text.strip()[20:40] not in str(caught.value) or len(text) < 20
