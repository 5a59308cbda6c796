from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from structlog.testing import capture_logs

from app.auth.dependencies import SessionDep
from app.db.sql import run_sql
from app.runtime import Runtime
from tests.api.problem import problem
from tests.control import bearer

CALLERS_ID = "0193b1de-0000-7000-8000-000000000001"


async def test_an_unknown_address_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/nowhere")
    assert (answer.status_code, problem(answer)["code"]) == (404, "NOT_FOUND")


async def test_a_wrong_method_names_the_right_ones(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/things")
    assert (answer.status_code, problem(answer)["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert set(answer.headers["allow"].split(", ")) == {"POST", "PUT"}


async def test_a_body_that_is_not_json_is_malformed(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things", content=b'{"name": ', headers={"Content-Type": "application/json"})
    assert (answer.status_code, problem(answer)["code"]) == (400, "BODY_MALFORMED")
    answer = await client.post("/v1/things", content=b'"\xff"', headers={"Content-Type": "application/json"})
    assert (answer.status_code, problem(answer)["code"]) == (400, "BODY_MALFORMED")


@pytest.mark.parametrize("headers", [{"Content-Type": "text/plain"}, {}])
async def test_another_media_type_is_refused(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/v1/things", content=b'{"name": "a"}', headers=headers)
    assert (answer.status_code, problem(answer)["code"]) == (415, "MEDIA_TYPE")


async def test_invalid_members_are_pointed_at_without_repeating_them(client: httpx.AsyncClient) -> None:
    body = {"name": "hunter22", "size": "hunter22", "owner": "hunter22", "cats": [{"kind": "hunter22", "lives": 9}]}
    answer = await client.post("/v1/things", json=body)
    document = problem(answer)
    assert (answer.status_code, document["code"]) == (422, "VALIDATION_FAILED")
    assert [item["pointer"] for item in document["errors"]] == ["/name", "/size", "/owner", "/cats/0/kind"]
    assert {item["code"] for item in document["errors"]} >= {"STRING_TOO_LONG", "INT_PARSING", "UUID_PARSING"}
    assert "hunter" not in answer.text


async def test_the_kinds_of_a_union_are_named_without_the_wrong_one(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/pets", json={"pet": {"kind": "hunter22"}})
    assert problem(answer)["errors"] == [
        {"pointer": "/pet", "code": "UNION_TAG_INVALID", "detail": "Expected one of 'dog', 'bird'"}
    ]


async def test_an_answer_that_breaks_off_is_logged_and_not_completed(client: httpx.AsyncClient) -> None:
    with capture_logs() as lines, pytest.raises(RuntimeError, match="boom"):
        await client.get("/v1/broken")
    # Whether the line of every request is there too depends on the level that an earlier test set.
    assert "request.failed" in {line["event"] for line in lines}


async def test_an_invalid_path_is_422_and_an_invalid_parameter_400(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/things/prj_1:restart")
    assert (answer.status_code, problem(answer)["errors"][0]["pointer"]) == (422, "{project_id}")
    answer = await client.get("/v1/things/prj_06bvq5p0w1d0000000000000y0?limit=x")
    document = problem(answer)
    assert (answer.status_code, document["code"]) == (400, "PARAMETER_INVALID")
    assert document["errors"][0]["parameter"] == "limit"
    answer = await client.get("/v1/see", headers={"X-Number": "x"})
    assert (answer.status_code, problem(answer)["errors"][0]["parameter"]) == (400, "x-number")


MARKER = "S3cretMarker"
tainted = st.recursive(
    st.sampled_from([MARKER, MARKER * 3, f"-{MARKER}", f"2026-{MARKER}"]) | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "kind", "cats"]), inner),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(body=st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "size", "owner", "cats"), tainted)))
async def test_no_invalid_value_is_ever_repeated(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await client.post("/v1/things", json=body)
    if answer.status_code != 200:
        assert MARKER not in answer.text
        assert problem(answer)["code"] == "VALIDATION_FAILED"


async def test_a_large_body_is_refused_by_its_announced_length(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things", content=b" " * (1024 * 1024 + 1))
    assert (answer.status_code, problem(answer)["code"]) == (413, "BODY_TOO_LARGE")


async def test_a_large_body_in_chunks_is_refused_once_it_is_too_large(client: httpx.AsyncClient) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 1
            yield b" " * 65536

    answer = await client.post("/v1/things", content=chunks(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, problem(answer)["code"]) == (413, "BODY_TOO_LARGE")
    assert sent == 17


async def test_a_mistake_of_ours_is_logged_with_the_request_id_and_tells_nothing(client: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        answer = await client.get("/v1/fail", headers={"X-Request-Id": CALLERS_ID})
    document = problem(answer)
    assert (answer.status_code, document["code"], document["retryable"]) == (500, "INTERNAL", False)
    assert "boom" not in answer.text
    (failed,) = [line for line in lines if line["event"] == "request.failed"]
    assert failed["exc_info"] is True
    assert failed["route"] == "/v1/fail"


async def test_a_problem_keeps_its_members_and_says_when_to_try_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/away")
    document = problem(answer)
    assert (answer.status_code, document["retry_after"], document["store"]) == (503, 7, "s3")
    assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize("status", [204, 304])
async def test_a_request_may_end_early_without_being_an_error(client: httpx.AsyncClient, status: int) -> None:
    answer = await client.get(f"/v1/early/{status}")
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (status, b"", '"1"')


async def test_an_http_error_without_a_code_is_a_mistake_of_ours(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/early/418")
    assert (answer.status_code, problem(answer)["code"]) == (500, "INTERNAL")


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        ("SELECT pg_sleep(5)", 504, "STATEMENT_TIMEOUT"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", 503, "UNAVAILABLE"),
        ("DO $$ BEGIN RAISE lock_not_available; END $$", 409, "LOCK_TIMEOUT"),
        ("DO $$ BEGIN RAISE deadlock_detected; END $$", 409, "DEADLOCK"),
        ("DO $$ BEGIN RAISE serialization_failure; END $$", 409, "SERIALIZATION"),
        ("SELECT 1/0", 500, "INTERNAL"),
    ],
)
async def test_failures_of_the_control_database_say_whether_to_try_again(
    client: httpx.AsyncClient, statement: str, status: int, code: str
) -> None:
    answer = await client.post("/v1/run", params={"statement": statement})
    document = problem(answer)
    assert (answer.status_code, document["code"], document["retryable"]) == (status, code, status != 500)


async def test_a_full_pool_is_a_reason_to_come_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/pooled")
    assert (answer.status_code, problem(answer)["code"]) == (503, "POOL_EXHAUSTED")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionRefusedError("no"), "UNAVAILABLE"),
        (TimeoutError(), "UNAVAILABLE"),
        (asyncpg.CannotConnectNowError("the database system is starting up"), "UNAVAILABLE"),
        (asyncpg.TooManyConnectionsError("sorry, too many clients already"), "POOL_EXHAUSTED"),
    ],
)
async def test_without_the_control_database_the_answer_is_503(
    *,
    client: httpx.AsyncClient,
    runtime: Runtime,
    admin_key: str,
    error: Exception,
    code: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise error

    await runtime.engine.dispose()
    monkeypatch.setattr(asyncpg, "connect", refuse)
    answer = await client.get("/v1/whoami", headers=bearer(admin_key))
    assert (answer.status_code, problem(answer)["code"]) == (503, code)
    ready = await client.get("/readyz?verbose")
    assert (ready.status_code, ready.json()["parts"]["database"]) == (503, "unreachable")


async def test_a_transaction_that_cannot_commit_is_never_a_success(client: httpx.AsyncClient, app: FastAPI) -> None:
    async def defer(session: SessionDep) -> None:
        await run_sql(session, text("CREATE TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
        await run_sql(session, text("INSERT INTO late VALUES (1), (1)"))

    app.add_api_route("/v1/defer", defer)
    assert (await client.get("/v1/defer")).status_code == 500
