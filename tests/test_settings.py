import base64
import os
from pathlib import Path

import pytest

from app.kit.signatures import generate_secret
from app.settings import Settings, SettingsInvalid, load_settings, variables
from tests.control import random_key

GOOD = {
    "PGM_DATABASE_URL": "postgresql://me:tiger@db/pgm",
    "PGM_SECRET_KEYS": f"a:{random_key()},b:{random_key()}",
    "PGM_API_KEY_PEPPER": random_key(),
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith("PGM_") or name == "PORT":
            monkeypatch.delenv(name)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_secrets_leave_the_environment_and_do_not_show() -> None:
    os.environ["PGM_WORKER__CONCURRENCY"] = "7"
    settings = load_settings()
    assert settings.database_url.get_secret_value() == GOOD["PGM_DATABASE_URL"]
    assert not GOOD.keys() & os.environ.keys()
    assert os.environ["PGM_WORKER__CONCURRENCY"] == "7"
    assert settings.worker.concurrency == 7
    assert all(secret not in repr(settings) for secret in settings.known_secrets())
    assert "tiger" in settings.known_secrets()


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_secret_is_named_with_the_way_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(SettingsInvalid) as raised:
        load_settings()
    line = str(raised.value)
    assert line.startswith(f"{name} is not set; ")
    assert "\n" not in line


STRONG = base64.b64encode(bytes(range(32))).decode()
WEAK = [
    ("PGM_API_KEY_PEPPER", "hunter22"),
    ("PGM_API_KEY_PEPPER", "aHVudGVyMjI="),
    ("PGM_API_KEY_PEPPER", base64.b64encode(b"AB" * 16).decode()),
    ("PGM_API_KEY_PEPPER", "é"),
    ("PGM_SECRET_KEYS", "a:aHVudGVyMjI="),
    ("PGM_SECRET_KEYS", STRONG),
    ("PGM_SECRET_KEYS", f"a:{STRONG},a:{STRONG}"),
    ("PGM_SECRET_KEYS", f"a:{base64.b64encode(b'AB' * 16).decode()}"),
]


@pytest.mark.parametrize(("name", "value"), WEAK)
def test_a_weak_key_is_refused_without_repeating_it(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as raised:
        load_settings()
    line = str(raised.value)
    assert line.startswith(f"{name} is invalid: ")
    assert line.endswith("`pgmanager keys generate` prints a good value")
    assert STRONG not in line
    assert "hunter22" not in line
    assert "\n" not in line


def test_an_invalid_number_in_a_group_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGM_BACKUP__PART_BYTES", "1")
    with pytest.raises(SettingsInvalid, match=r"^PGM_BACKUP__PART_BYTES is invalid: Input should be greater"):
        load_settings()


def test_a_mistyped_member_of_a_group_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGM_WORKER__CONCURENCY", "1")
    with pytest.raises(SettingsInvalid, match=r"^PGM_WORKER__CONCURENCY is invalid"):
        load_settings()


def test_port_is_accepted_with_and_without_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().port == 8000
    monkeypatch.setenv("PORT", "1234")
    assert Settings().port == 1234
    monkeypatch.setenv("PGM_PORT", "4321")
    assert Settings().port == 4321


def test_folders_are_split_like_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGM_POSTGRES__EXTRA_BIN_DIRS", "/a/bin:/b/bin")
    assert Settings().postgres.extra_bin_dirs == (Path("/a/bin"), Path("/b/bin"))


def test_every_variable_is_documented() -> None:
    described = dict(variables())
    assert {"PGM_DATABASE_URL", "PGM_WORKER__IN_PROCESS", "PGM_LOG__LEVEL"} <= described.keys()
    assert [name for name, field in described.items() if not field.description] == []


WEBHOOK = {
    "PGM_ALERTS__WEBHOOK_SECRETS": f"{generate_secret()}, {generate_secret()}",
    "PGM_ALERTS__WEBHOOK_URL": "https://hooks.example.com/token-of-mine",
}


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WEBHOOK.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("webhook")
def test_the_webhook_and_its_secrets_are_secrets() -> None:
    settings = load_settings()
    assert settings.alerts.webhook_url.get_secret_value() == WEBHOOK["PGM_ALERTS__WEBHOOK_URL"]
    assert not WEBHOOK.keys() & os.environ.keys()
    assert {*WEBHOOK["PGM_ALERTS__WEBHOOK_SECRETS"].split(", "), WEBHOOK["PGM_ALERTS__WEBHOOK_URL"]} <= {
        *settings.known_secrets()
    }
    assert "token-of-mine" not in repr(settings)
    assert "whsec_" not in repr(settings)


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("WEBHOOK_SECRETS", "hunter22", "begins with whsec_"),
        ("WEBHOOK_SECRETS", "whsec_aHVudGVyMjI=", "has 24 to 64 bytes"),
        ("WEBHOOK_SECRETS", "", "needs PGM_ALERTS__WEBHOOK_SECRETS"),
        ("WEBHOOK_URL", "hooks.example.com/hunter22", "https://host/path"),
        ("WEBHOOK_URL", "https://me:hunter22@hooks.example.com/", "https://host/path"),
        ("WEBHOOK_URL", "https://[hunter22/", ""),
        ("WEBHOOK_URL", "http://hooks.example.com/hunter22", "no TLS"),
        ("WEBHOOK_URL", "https://127.0.0.1/hunter22", "private address"),
        ("WEBHOOK_URL", "https://2130706433/hunter22", "private address"),
    ],
)
def test_a_webhook_that_would_not_work_is_refused_at_start(
    name: str, value: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PGM_ALERTS__{name}", value)
    with pytest.raises(SettingsInvalid, match=rf"^PGM_ALERTS__WEBHOOK_\w+ is invalid: .*{problem}") as raised:
        load_settings()
    assert "hunter22" not in str(raised.value)


@pytest.mark.usefixtures("webhook")
def test_private_webhooks_need_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGM_ALERTS__WEBHOOK_URL", "http://127.0.0.1:9000/")
    monkeypatch.setenv("PGM_ALERTS__ALLOW_PRIVATE", "true")
    assert load_settings().alerts.allow_private
