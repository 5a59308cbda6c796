"""The client against a server that answers as Railway was seen to. No wait here is longer than the tests tell it."""

import asyncio
from typing import Any

import pytest
from pydantic import Field, SecretStr

from app.providers.railway.client import ATTEMPTS, RETRY_CAP_SECONDS, Exactly, RailwayClient, Result, without_nulls
from app.providers.railway.credential import RailwayCredential, RailwayTokenMalformed, TokenKind
from app.providers.railway.documents import document
from app.providers.railway.errors import (
    OutcomeUnknown,
    RailwayAnswerInvalid,
    RailwayNotAuthorized,
    RailwayNotFound,
    RailwayNotReached,
    RailwayProblem,
    RailwayRateLimited,
    RailwayRefused,
    RailwayUnavailable,
)
from app.providers.railway.limiter import PAUSE_SECONDS
from tests.providers.railway.platform import FAILED, PAGE, TOKEN, Reply, asking, failing

VOLUME = document("volumeInstance")
CREATE = document("volumeInstanceBackupCreate")
WANTED = {"volumeInstanceId": "vi-1", "name": "nightly"}
BUSY = Reply(PAGE, status=429, headers={"Retry-After": "7"})


class Volume(Result):
    id: str
    service_id: str | None
    size: int = Field(alias="sizeMB")


class VolumeRead(Result):
    volume_instance: Volume


class Workflow(Result):
    workflow_id: str | None


class Created(Result):
    volume_instance_backup_create: Workflow


FOUND = Reply({"data": {"volumeInstance": {"id": "vi-1", "serviceId": None, "sizeMB": 500, "state": "READY"}}})
DONE = Reply({"data": {"volumeInstanceBackupCreate": {"workflowId": "w-1"}}})


async def read(client: RailwayClient) -> Volume:
    return (await client.read(VOLUME, {"id": "vi-1"}, VolumeRead)).volume_instance


async def create(client: RailwayClient) -> str | None:
    return (await client.change(CREATE, WANTED, Created)).volume_instance_backup_create.workflow_id


async def test_a_read_sends_the_document_and_returns_what_it_selects() -> None:
    async with asking(FOUND) as (client, there, waits):
        assert await read(client) == Volume(id="vi-1", service_id=None, size=500)
    (asked,) = there.asked
    assert asked.body == {"query": VOLUME.text, "operationName": "volumeInstance", "variables": {"id": "vi-1"}}
    assert waits.waited == []


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (TokenKind.ACCOUNT, "authorization", f"Bearer {TOKEN}"),
        (TokenKind.WORKSPACE, "authorization", f"Bearer {TOKEN}"),
        (TokenKind.PROJECT, "project-access-token", TOKEN),
    ],
)
async def test_a_token_travels_by_the_one_header_of_its_kind(kind: TokenKind, name: str, value: str) -> None:
    async with asking(FOUND, kind=kind) as (client, there, _):
        await read(client)
    sent = {header: text for header, text in there.asked[0].headers.items() if TOKEN in text}
    assert sent == {name: value}
    assert len({"authorization", "project-access-token"} & there.asked[0].headers.keys()) == 1


@pytest.mark.parametrize("token", ["", " ", "abc\n", "a b", "tokén"])
def test_what_cannot_stand_in_a_header_is_no_token(token: str) -> None:
    with pytest.raises(RailwayTokenMalformed, match="copy it once more"):
        RailwayCredential(TokenKind.PROJECT, SecretStr(token))


@pytest.mark.parametrize("failure", [Reply(PAGE, status=502), Reply(FAILED, status=500), Reply(FOUND.body, cut=True)])
async def test_a_read_is_repeated_until_it_is_answered(failure: Reply) -> None:
    async with asking(failure, failure, FOUND) as (client, there, waits):
        assert (await read(client)).id == "vi-1"
    assert len(there.asked) == 3
    assert len(waits.waited) == 2
    assert 0 < waits.waited[0] < waits.waited[1] <= RETRY_CAP_SECONDS


async def test_a_read_without_an_answer_is_repeated() -> None:
    async with asking(Reply(silent=True), FOUND, answer_seconds=1) as (client, there, _):
        assert (await read(client)).id == "vi-1"
    assert len(there.asked) == 2


async def test_a_read_is_given_up_after_some_attempts() -> None:
    async with asking(Reply(PAGE, status=502)) as (client, there, _):
        with pytest.raises(RailwayUnavailable, match="volumeInstance with: status 502"):
            await read(client)
    assert len(there.asked) == ATTEMPTS


@pytest.mark.parametrize(
    "failure", [failing("Not Authorized"), failing("Project not found"), Reply(FAILED), Reply({"data": {}})]
)
async def test_a_read_that_was_answered_is_not_repeated(failure: Reply) -> None:
    async with asking(failure) as (client, there, waits):
        with pytest.raises(RailwayProblem):
            await read(client)
    assert (len(there.asked), waits.waited) == (1, [])


async def test_a_change_is_sent_once_and_its_result_returned() -> None:
    async with asking(DONE) as (client, there, _):
        assert await create(client) == "w-1"
    assert there.asked[0].body["variables"] == WANTED


@pytest.mark.parametrize(
    "lost",
    [
        Reply(PAGE, status=502),
        Reply(DONE.body, cut=True),
        Reply(FAILED),
        Reply(PAGE),
        Reply({"data": None}),
        Reply({"data": {"volumeInstanceBackupCreate": None}}),
        failing("Something new", "INTERNAL_SERVER_ERROR"),
        failing("Not Authorized", path=["volumeInstanceBackupCreate", "workflowId"]),
    ],
)
async def test_a_change_of_which_the_outcome_is_lost_says_so_and_is_not_sent_again(lost: Reply) -> None:
    async with asking(lost) as (client, there, waits):
        with pytest.raises(OutcomeUnknown, match="volumeInstanceBackupCreate") as raised:
            await create(client)
    assert (len(there.asked), waits.waited) == (1, [])
    assert not raised.value.retryable


async def test_an_unknown_outcome_keeps_the_trace_id_and_its_reason() -> None:
    async with asking(Reply(FAILED)) as (client, _, _):
        with pytest.raises(OutcomeUnknown, match="Problem processing request") as raised:
            await create(client)
    assert raised.value.document()["trace_id"] == "4711"
    assert isinstance(raised.value.__cause__, RailwayProblem)


async def test_a_change_without_an_answer_has_an_unknown_outcome() -> None:
    async with asking(Reply(silent=True), answer_seconds=0.5) as (client, there, _):
        with pytest.raises(OutcomeUnknown, match="did not answer within"):
            await create(client)
    assert len(there.asked) == 1


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (failing("Not Authorized"), RailwayNotAuthorized),
        (failing("VolumeInstance not found"), RailwayNotFound),
        (failing("Name is taken", "BAD_USER_INPUT"), RailwayRefused),
    ],
)
async def test_a_change_that_was_refused_is_no_unknown_outcome(refusal: Reply, kind: type[RailwayProblem]) -> None:
    async with asking(refusal) as (client, there, _):
        with pytest.raises(kind):
            await create(client)
    assert len(there.asked) == 1


async def test_a_request_that_never_left_changed_nothing() -> None:
    async with asking(DONE) as (client, there, _):
        client._endpoint = "http://127.0.0.1:1/graphql/v2"
        with pytest.raises(RailwayNotReached, match=r"127\.0\.0\.1 cannot be asked") as raised:
            await create(client)
    assert raised.value.changed_nothing
    assert there.asked == []


async def test_a_read_waits_as_long_as_it_is_told_and_asks_again() -> None:
    async with asking(BUSY, FOUND) as (client, there, waits):
        assert (await read(client)).id == "vi-1"
    assert len(there.asked) == 2
    assert waits.now == pytest.approx(7)


async def test_a_wait_beyond_our_patience_is_an_error_that_says_how_long() -> None:
    async with asking(BUSY, FOUND, patience=5) as (client, there, _):
        with pytest.raises(RailwayRateLimited) as raised:
            await read(client)
    assert len(there.asked) == 1
    assert raised.value.retry_after in {6, 7}  # the pause before the repetition counts


async def test_a_change_without_quota_is_not_sent_again_and_says_when_it_may_be() -> None:
    async with asking(BUSY, DONE) as (client, there, waits):
        with pytest.raises(RailwayRateLimited) as raised:
            await create(client)
        assert (raised.value.retry_after, waits.waited) == (7, [])
        assert await create(client) == "w-1"
    assert len(there.asked) == 2
    assert waits.now == pytest.approx(7)


async def test_a_quota_used_up_inside_an_answer_pauses_everybody_too() -> None:
    async with asking(failing("Slow down", "RATE_LIMITED"), FOUND) as (client, _, waits):
        assert (await read(client)).id == "vi-1"
    assert waits.now == pytest.approx(PAUSE_SECONDS)


async def test_the_headers_of_each_answer_set_the_pace() -> None:
    told = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "10", "X-RateLimit-Reset": "600"}
    async with asking(Reply(FOUND.body, headers=told), DONE) as (client, there, _):
        await read(client)
        with pytest.raises(RailwayRateLimited) as raised:
            await read(client)
        assert raised.value.retry_after == 600
        assert await create(client) == "w-1"
    assert len(there.asked) == 2


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"volumeInstance": None}, "volumeInstance: "),
        ({"volumeInstance": {"id": None, "serviceId": None, "sizeMB": 1}}, "volumeInstance.id: "),
        ({"volumeInstance": {"id": "vi-1", "sizeMB": 1}}, "volumeInstance.serviceId: Field required"),
    ],
)
async def test_a_null_that_was_not_promised_is_named_and_absent_is_not_null(body: Any, where: str) -> None:
    async with asking(Reply({"data": body})) as (client, _, _):
        with pytest.raises(RailwayAnswerInvalid, match="volumeInstance") as raised:
            await read(client)
    assert where in raised.value.said


async def test_no_error_shows_the_token_or_what_was_answered() -> None:
    secret = {"volumeInstance": {"id": {"PGPASSWORD": "hunter2"}, "serviceId": None, "sizeMB": "hunter2"}}
    async with asking(Reply({"data": secret}), Reply(PAGE, status=502)) as (client, _, _):
        for ask in (read, create):
            with pytest.raises(RailwayProblem) as raised:
                await ask(client)
            shown = f"{raised.value.document()} {raised.value!r} {raised.value.__cause__!r} {client.credential!r}"
            assert "hunter2" not in shown
            assert TOKEN not in shown


async def test_a_read_cannot_change_and_a_change_cannot_be_read() -> None:
    async with asking(DONE) as (client, there, _):
        with pytest.raises(AssertionError):
            await client.read(CREATE, WANTED, Created)
        with pytest.raises(AssertionError):
            await client.change(VOLUME, {"id": "vi-1"}, VolumeRead)
    assert there.asked == []


async def test_a_cancelled_request_is_no_longer_counted_as_under_way() -> None:
    async with asking(Reply(silent=True)) as (client, there, _):
        task = asyncio.create_task(create(client))
        async with asyncio.timeout(60):
            while not there.asked:
                await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client._limiter._under_way == 0


def test_what_is_none_is_left_out_unless_it_is_wanted() -> None:
    patch = {"services": {"s": {"variables": {"OLD": None}}}}
    assert without_nulls(
        {
            "after": None,
            "input": {"name": "a", "region": None, "environmentId": Exactly(None), "kinds": ({"a": None},), "left": 0},
            "patch": Exactly(patch),
        }
    ) == {"input": {"name": "a", "environmentId": None, "kinds": [{}], "left": 0}, "patch": patch}
