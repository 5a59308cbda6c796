import asyncio
from uuid import UUID

import httpx

from app.main import create_app
from app.runtime import Runtime
from tests.api.problem import problem

CALLERS_ID = "0193b1de-0000-7000-8000-000000000001"


async def test_the_callers_request_id_is_kept_when_it_is_a_uuid(client: httpx.AsyncClient) -> None:
    kept = await client.get("/livez", headers={"X-Request-Id": CALLERS_ID})
    assert kept.headers.get_list("x-request-id") == [CALLERS_ID]
    for odd in ("not-a-uuid", "{" + CALLERS_ID + "}", ""):
        made = await client.get("/livez", headers={"X-Request-Id": odd})
        assert UUID(made.headers["x-request-id"]).version == 7


async def test_requests_are_logged_and_counted_by_their_route(client: httpx.AsyncClient) -> None:
    await client.get("/v1/things/prj_06bvq5p0w1d0000000000000y0")
    await client.request("BREW", "/v1/nowhere")
    text = (await client.get("/metrics")).text
    assert 'duration_seconds_count{method="GET",route="/v1/things/{project_id}",status="200"} 1.0' in text
    assert 'duration_seconds_count{method="OTHER",route="(none)",status="404"} 1.0' in text


async def test_two_applications_do_not_share_counters(runtime: Runtime) -> None:
    first, second = create_app(runtime), create_app(runtime)
    assert first.state.registry is not second.state.registry


async def test_requests_at_the_same_time_keep_their_ids_apart(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.get("/v1/away") for _ in range(20)))
    assert len({problem(answer)["request_id"] for answer in answers}) == 20
