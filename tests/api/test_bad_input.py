"""What JSON and HTTP can say and no table can hold: refused by name, and never a mistake of ours."""

import json
from typing import Any

import httpx
import pytest

from tests.api.problem import problem

NOBODY = "0000000000000000000000000y"
PROJECT, DATABASE, BACKUP = (f"{prefix}_{NOBODY}" for prefix in ("prj", "db", "bak"))
LOCATION: dict[str, Any] = {
    "project_id": PROJECT,
    "name": "copies",
    "endpoint_url": "https://s3.example.com",
    "bucket": "backups",
    "access_key_id": "id",
    "secret_access_key": "secret",
}
ADOPTED: dict[str, Any] = {
    "provider": "external",
    "project_id": PROJECT,
    "name": "theirs",
    "connection_string": "postgresql://u:p@db.example.com/x",
}
RESTORE: dict[str, Any] = {"backup_id": BACKUP, "target": {"kind": "logical_database", "name": "copy"}}
DEEP = b"[" * 100_000


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\udfff"], ids=["NUL", "half a pair", "the other half"])
@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/api-keys", {"scopes": ["jobs:read"]}, "/name"),
        ("/v1/locations", LOCATION, "/secret_access_key"),
        ("/v1/databases", ADOPTED, "/ca_pem"),
        (f"/v1/databases/{DATABASE}/backups", {}, "/labels/a"),
        (f"/v1/databases/{DATABASE}/backups", {"tables": [{"schema": "s", "name": "n"}]}, "/tables/0/schema"),
        (f"/v1/databases/{DATABASE}/backups", {}, "/logical_databases/0"),
        ("/v1/restores", RESTORE, "/target/name"),
        ("/v1/restores", RESTORE | {"owner_mode": "map"}, "/role_map/a"),
    ],
)
async def test_a_text_that_no_table_can_hold_is_pointed_at(
    *, client: httpx.AsyncClient, as_admin: dict[str, str], path: str, body: dict[str, Any], pointer: str, text: str
) -> None:
    content = json.dumps(_with(body, pointer.split("/")[1:], text)).encode()
    headers = as_admin | {"Content-Type": "application/json", "Idempotency-Key": "bad-input"}
    answer = await client.post(path, content=content, headers=headers)
    document = problem(answer)
    assert (answer.status_code, document["code"]) == (422, "VALIDATION_FAILED"), answer.text
    assert [item["pointer"] for item in document["errors"]] == [pointer]


def _with(body: Any, parts: list[str], text: str) -> Any:
    """A copy of ``body`` that has ``text`` at the place; lists there have one member."""
    if not parts:
        return text
    first, *rest = parts
    if first == "0":
        return [_with(body[0] if body else None, rest, text)]
    return {**(body or {}), first: _with((body or {}).get(first), rest, text)}


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:p\ud800@db.example.com/x",
        "postgresql://u\ud800:p@db.example.com/x",
        "postgresql://u:p@db.example.com/\ud800",
        f"postgresql://u:p@{'a' * 64}.example.com/x",
        "postgresql://u:p@db..example.com/x",
    ],
)
async def test_a_connection_string_that_no_server_could_take_is_refused(
    client: httpx.AsyncClient, as_admin: dict[str, str], text: str
) -> None:
    body = json.dumps(ADOPTED | {"connection_string": text}).encode()
    headers = as_admin | {"Content-Type": "application/json", "Idempotency-Key": "bad-input"}
    answer = await client.post("/v1/databases", content=body, headers=headers)
    assert (answer.status_code, problem(answer)["code"]) == (422, "CONNECTION_STRING_INVALID")


@pytest.mark.parametrize("host", ["a" * 64 + ".example.com", "s3..example.com"])
async def test_an_endpoint_that_no_resolver_takes_is_refused(
    client: httpx.AsyncClient, as_admin: dict[str, str], host: str
) -> None:
    project = (await client.post("/v1/projects", json={"name": "p"}, headers=as_admin)).json()["id"]
    body = LOCATION | {"project_id": project, "endpoint_url": f"https://{host}"}
    answer = await client.post("/v1/locations", json=body, headers=as_admin)
    assert (answer.status_code, problem(answer)["code"]) == (422, "ENDPOINT_FORBIDDEN")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *((f"/v1/jobs?{name}", value) for name, value in (("kind", "%00"), ("created_after", "2026-11-22T10:00:00"))),
        *((f"/v1/audit-events?{name}", "a%00b") for name in ("actor", "action", "target_type", "target_id")),
        *(
            (path, value)
            for path in ("/v1/jobs?created_after", "/v1/audit-events?after", "/v1/audit-events?before")
            for value in ("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00")
        ),
    ],
)
async def test_a_filter_that_no_row_could_match_is_an_invalid_parameter(
    client: httpx.AsyncClient, as_admin: dict[str, str], path: str, value: str
) -> None:
    answer = await client.get(f"{path}={value}", headers=as_admin)
    document = problem(answer)
    assert (answer.status_code, document["code"]) == (400, "PARAMETER_INVALID")
    assert document["errors"][0]["parameter"] == path.partition("?")[2]


async def test_a_body_nested_without_end_is_fingerprinted_where_nobody_reads_it(
    client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    project = (await client.post("/v1/projects", json={"name": "p"}, headers=as_admin)).json()["id"]
    headers = as_admin | {"Idempotency-Key": "deep"}
    for expected in (None, "true"):
        answer = await client.request("DELETE", f"/v1/projects/{project}", content=DEEP, headers=headers)
        assert (answer.status_code, answer.headers.get("idempotency-replayed")) == (204, expected)
    answer = await client.request("DELETE", f"/v1/projects/{project}", content=DEEP + b"[", headers=headers)
    assert (answer.status_code, problem(answer)["code"]) == (422, "IDEMPOTENCY_MISMATCH")


async def test_a_body_nested_without_end_is_malformed_where_it_is_read(
    client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    headers = as_admin | {"Content-Type": "application/json"}
    answer = await client.post("/v1/projects", content=b'{"name":' + DEEP, headers=headers)
    assert (answer.status_code, problem(answer)["code"]) == (400, "BODY_MALFORMED")


async def test_a_denial_is_in_the_trail_whatever_is_in_its_path(
    client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    for path in ("/v1/jobs/job_%00", "/v1/projects/%00/environments", "/v1/jobs/%00/events"):
        assert (await client.get(path)).status_code == 401
    denied = (await client.get("/v1/audit-events?actor=anonymous", headers=as_admin)).json()["data"]
    assert [event["details"]["path"] for event in denied] == [
        "/v1/jobs/\ufffd/events",
        "/v1/projects/\ufffd/environments",
        "/v1/jobs/job_\ufffd",
    ]
