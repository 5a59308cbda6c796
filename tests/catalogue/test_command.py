"""What `pgmanager rebuild-catalogue` says to wrong usage, before it reads a setting."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.catalogue.schemas import Place
from app.cli import cli
from app.kit.age import Identity
from tests.planted import plant


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "key.txt"
    path.write_text(plant("an age key", Identity.generate().secret.get_secret_value()))
    return str(path)


def test_a_bucket_and_a_key_are_needed(key_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("S3_BUCKET", raising=False)
    command = ["rebuild-catalogue", "--identity", key_file]
    assert "--location-from-env" in CliRunner().invoke(cli, command).stderr
    secret = plant("the secret of a bucket", "a secret that is never shown")
    given = {"S3_ENDPOINT": "https://s3.example.com", "S3_SECRET_ACCESS_KEY": secret}
    refused = CliRunner(env=given).invoke(cli, [*command, "--location-from-env"])
    assert refused.exit_code == 2
    assert "bucket: Field required" in refused.stderr
    assert "access_key_id: Field required" in refused.stderr
    absent = CliRunner().invoke(cli, ["rebuild-catalogue", "--identity", "absent", "--location", "absent.json"])
    assert (absent.exit_code, absent.stderr) == (
        2,
        "pgmanager: absent.json cannot be read: No such file or directory\n",
    )


def test_the_environment_is_read_as_the_runbook_names_it() -> None:
    secret = plant("the secret of a bucket", "a secret that is never shown")
    place = Place.from_environment(
        {
            "S3_ENDPOINT": "http://127.0.0.1:9000/",
            "S3_BUCKET": "backups",
            "S3_PREFIX": "/shop/",
            "S3_REGION": "",
            "S3_ADDRESSING": "path",
            "S3_ALLOW_INSECURE": "true",
            "S3_ACCESS_KEY_ID": "me",
            "S3_SECRET_ACCESS_KEY": secret,
        }
    )
    assert (place.endpoint_url, place.bucket, place.prefix, place.region) == (
        "http://127.0.0.1:9000",
        "backups",
        "shop",
        "auto",
    )
    assert (place.addressing, place.allow_insecure) == ("path", True)
    assert place.secret_access_key.get_secret_value() == secret
    assert secret not in repr(place)
