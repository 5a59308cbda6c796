"""The three meanings of "Not Authorized", told apart by asking more."""

from typing import Any

import pytest

from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.credential import TokenKind
from app.providers.railway.documents import document
from app.providers.railway.errors import (
    RailwayForbidden,
    RailwayNotAuthorized,
    RailwayOutOfReach,
    RailwayProblem,
    RailwayTokenInvalid,
    RailwayTokenKindWrong,
)
from app.providers.railway.refusals import explain
from tests.providers.railway.platform import PAGE, Reply, asking, failing

REFUSED = failing("Not Authorized", trace="4711")
GONE = failing("VolumeInstance not found")
DOWN = Reply(PAGE, status=502)


def well(name: str) -> Reply:
    return Reply({"data": {name: {}}})


ALIVE = well("apiToken")


async def refused(client: RailwayClient, operation: str, variables: dict[str, Any]) -> RailwayNotAuthorized:
    with pytest.raises(RailwayNotAuthorized) as raised:
        await client.change(document(operation), variables, Result)
    return raised.value


@pytest.mark.parametrize(
    ("replies", "meant"),
    [
        ([REFUSED], RailwayTokenInvalid),
        ([failing("Project Token not found")], RailwayTokenInvalid),
        ([ALIVE, well("volumeInstanceBackupList")], RailwayForbidden),
        ([ALIVE, REFUSED], RailwayOutOfReach),
        ([ALIVE, GONE], RailwayOutOfReach),
        ([ALIVE, DOWN], RailwayNotAuthorized),
        ([DOWN], RailwayNotAuthorized),
    ],
)
async def test_a_refusal_is_explained_by_who_we_are_and_whether_the_object_can_be_read(
    replies: list[Reply], meant: type[RailwayProblem]
) -> None:
    async with asking(REFUSED, *replies) as (client, there, _):
        wanted = {"volumeInstanceId": "vol-1", "name": "a"}
        refusal = await refused(client, "volumeInstanceBackupCreate", wanted)
        problem = await explain(
            client,
            refusal,
            lambda: client.read(document("volumeInstanceBackupList"), {"volumeInstanceId": "vol-1"}, Result),
        )
    assert type(problem) is meant
    assert (problem.operation, problem.trace_id) == ("volumeInstanceBackupCreate", "4711")
    assert there.asked[1].body["operationName"] == "apiToken"


async def test_without_an_object_to_read_a_living_token_leaves_the_refusal_as_it_is() -> None:
    async with asking(REFUSED, ALIVE) as (client, _, _):
        refusal = await refused(client, "volumeDelete", {"volumeId": "1"})
        assert type(await explain(client, refusal)) is RailwayNotAuthorized


@pytest.mark.parametrize(
    ("kind", "identity"),
    [(TokenKind.ACCOUNT, "me"), (TokenKind.WORKSPACE, "apiToken"), (TokenKind.PROJECT, "projectToken")],
)
async def test_each_kind_is_asked_who_it_is_by_the_query_that_it_may_send(kind: TokenKind, identity: str) -> None:
    async with asking(REFUSED, well(identity), kind=kind) as (client, there, _):
        refusal = await refused(client, "environmentDelete", {"id": "1"})
        problem = await explain(client, refusal)
    assert there.asked[1].body["operationName"] == identity
    meant = RailwayTokenKindWrong if kind is TokenKind.PROJECT else RailwayNotAuthorized
    assert type(problem) is meant
