"""The variables of a MinIO server as a location."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from app.kit.ids import encode_id
from app.locations.from_environment import EnvironmentIncomplete, add_from_environment, wish_from
from app.runtime import Runtime
from app.storage.s3 import S3Location

PROJECT = UUID(int=1)
MINIO = {
    "MINIO_ENDPOINT": "minio.example.com:9000",
    "MINIO_ACCESS_KEY": "key",
    "MINIO_SECRET_KEY": "s3cret",
    "MINIO_BUCKET": "backups",
}


def wish(**changes: str) -> Any:
    environment = {name: value for name, value in (MINIO | changes).items() if value}
    return wish_from(environment, project_id=PROJECT, name="minio", allow_insecure=False)


def test_the_usual_variables_make_a_location_with_tls() -> None:
    made = wish()
    assert (made.endpoint_url, made.bucket, made.prefix) == ("https://minio.example.com:9000", "backups", "")
    assert (made.access_key_id, made.secret_access_key.get_secret_value()) == ("key", "s3cret")
    assert (made.region, made.addressing, made.allow_insecure) == ("us-east-1", "path", False)


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"MINIO_USE_SSL": "false"}, "http://minio.example.com:9000"),
        ({"MINIO_SECURE": "0"}, "http://minio.example.com:9000"),
        ({"MINIO_USE_SSL": "TRUE"}, "https://minio.example.com:9000"),
        ({"MINIO_ENDPOINT": "http://10.0.0.1:9000", "MINIO_USE_SSL": "true"}, "http://10.0.0.1:9000"),
        ({"MINIO_ENDPOINT": "https://minio.example.com/"}, "https://minio.example.com"),
    ],
)
def test_the_scheme_is_what_is_said(changes: dict[str, str], url: str) -> None:
    assert wish(**changes).endpoint_url == url


def test_the_names_of_the_server_itself_work_too() -> None:
    changes = {"MINIO_ACCESS_KEY": "", "MINIO_SECRET_KEY": "", "MINIO_ROOT_USER": "a", "MINIO_ROOT_PASSWORD": "b"}
    made = wish(**changes, MINIO_BUCKET="", MINIO_BUCKET_NAME="other", MINIO_REGION="eu-1", MINIO_PREFIX="/x/")
    assert (made.access_key_id, made.secret_access_key.get_secret_value()) == ("a", "b")
    assert (made.bucket, made.region, made.prefix) == ("other", "eu-1", "x")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"MINIO_ENDPOINT": ""}, "MINIO_ENDPOINT is not set"),
        ({"MINIO_SECRET_KEY": ""}, "MINIO_SECRET_KEY or MINIO_ROOT_PASSWORD is not set"),
        ({"MINIO_USE_SSL": "perhaps"}, "MINIO_USE_SSL is neither true nor false"),
        ({"MINIO_BUCKET": "a b"}, "The member bucket cannot be used"),
    ],
)
def test_what_is_missing_or_wrong_is_named_without_its_value(changes: dict[str, str], told: str) -> None:
    with pytest.raises(EnvironmentIncomplete, match=told) as caught:
        wish(**changes)
    assert "s3cret" not in caught.value.detail


async def test_the_location_is_tried_out_and_added(
    runtime: Runtime,
    client: httpx.AsyncClient,
    as_admin: dict[str, str],
    project_id: UUID,
    s3_location: S3Location,
) -> None:
    environment = {
        "MINIO_ENDPOINT": s3_location.endpoint_url,
        "MINIO_ACCESS_KEY": s3_location.access_key_id,
        "MINIO_SECRET_KEY": s3_location.secret_access_key.get_secret_value(),
        "MINIO_BUCKET": s3_location.bucket,
        "MINIO_PREFIX": s3_location.prefix,
    }
    wanted = {"project_id": project_id, "name": "minio", "allow_insecure": True}
    location_id = await add_from_environment(runtime.settings, environment, wanted, runtime.sessions)
    view = (await client.get(f"/v1/locations/{location_id}", headers=as_admin)).json()
    assert (view["name"], view["state"], view["project_id"]) == ("minio", "available", encode_id("prj", project_id))
