import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.kit.clock import utc_now
from app.kit.signatures import generate_secret, parse_secrets, signed_headers

BODY = '{"type": "alert.fired", "data": {"title": "é"}}'.encode()


def encoded(length: int) -> str:
    return "whsec_" + base64.b64encode(bytes(range(length))).decode()


def test_the_official_verifier_accepts_what_is_signed() -> None:
    secret = generate_secret()
    headers = signed_headers("alr_1_fired", utc_now(), BODY, parse_secrets(secret))
    assert Webhook(secret).verify(BODY, headers)["type"] == "alert.fired"


def test_during_a_change_of_secrets_both_verify() -> None:
    new, old = generate_secret(), generate_secret()
    headers = signed_headers("alr_1_fired", utc_now(), BODY, parse_secrets(f"{new}, {old}"))
    assert re.fullmatch(r"v1,\S{44} v1,\S{44}", headers["webhook-signature"])
    for secret in (new, old):
        assert Webhook(secret).verify(BODY, headers)


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_what_was_changed_on_the_way_does_not_verify(changed: str) -> None:
    secret, now = generate_secret(), utc_now()
    headers = signed_headers("alr_1_fired", now, BODY, parse_secrets(secret))
    others = signed_headers("alr_2_fired", now + timedelta(seconds=1), BODY, parse_secrets(secret))
    body = BODY.replace(b"fired", b"other") if changed == "body" else BODY
    if changed in headers:
        headers[changed] = others[changed]
    with pytest.raises(WebhookVerificationError):
        Webhook(generate_secret() if changed == "secret" else secret).verify(body, headers)


def test_a_signature_is_the_one_of_the_standard() -> None:
    """Computed with `openssl dgst -sha256 -mac HMAC` over `msg_1.1700000000.{}`."""
    headers = signed_headers("msg_1", datetime.fromtimestamp(1_700_000_000, UTC), b"{}", parse_secrets(encoded(32)))
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1700000000",
        "webhook-signature": "v1,fhksJF5ElKjlPoT/jtefCO5XjQPvhf7Dhf/8R1ad9yU=",
    }


@pytest.mark.parametrize(
    "text", ["", "hunter22", "whsec_", "whsec_hunter22!", encoded(23), encoded(65), f"{encoded(32)},hunter22"]
)
def test_what_is_no_secret_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"webhook secret|not base64") as raised:
        parse_secrets(text)
    assert "hunter22" not in str(raised.value)
    assert encoded(32) not in str(raised.value)
