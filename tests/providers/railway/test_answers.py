"""What Railway was seen to answer, and what we make of it."""

import json
from typing import Any

import pytest

from app.http import Answer
from app.providers.railway.answers import data_of
from app.providers.railway.documents import Document, document
from app.providers.railway.errors import (
    OutcomeUnknown,
    RailwayAnswerInvalid,
    RailwayBusy,
    RailwayDocumentInvalid,
    RailwayForbidden,
    RailwayNotAuthorized,
    RailwayNotFound,
    RailwayNothingStaged,
    RailwayNotReady,
    RailwayProblem,
    RailwayRateLimited,
    RailwayRefused,
    RailwayThrottled,
    RailwayTokenInvalid,
    RailwayTwoFactorRequired,
    RailwayUnavailable,
)
from tests.providers.railway.platform import FAILED, PAGE, Reply, failing

READ, CHANGE = document("project"), document("environmentCreate")


def judged(reply: Reply, asked: Document = READ) -> dict[str, Any]:
    body = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
    return data_of(Answer(reply.status, {}, body), asked)


def problem_of(reply: Reply, asked: Document = READ) -> RailwayProblem:
    with pytest.raises(RailwayProblem) as raised:
        judged(reply, asked)
    return raised.value


@pytest.mark.parametrize(
    ("message", "code", "kind"),
    [
        ("Not Authorized", None, RailwayNotAuthorized),
        ("Not Authorized", "INTERNAL_SERVER_ERROR", RailwayNotAuthorized),
        ("not  authorized", "UNAUTHENTICATED", RailwayNotAuthorized),
        ("Project Token not found", None, RailwayTokenInvalid),
        ("Two Factor Authentication Required", "INTERNAL_SERVER_ERROR", RailwayTwoFactorRequired),
        ("Project not found", "INTERNAL_SERVER_ERROR", RailwayNotFound),
        ("ServiceInstance not found", None, RailwayNotFound),
        ("VolumeInstance not found", "NOT_FOUND", RailwayNotFound),
        ("BucketInstanceCredential not found", None, RailwayNotReady),
        ("You are creating volumes too quickly", None, RailwayThrottled),
        ("You can only create one environment for this project every 30s", "INTERNAL_SERVER_ERROR", RailwayThrottled),
        ("Service deployment rate limit exceeded", "INTERNAL_SERVER_ERROR", RailwayThrottled),
        ("Cannot delete: an operation is already in progress", None, RailwayBusy),
        ("No patch to apply", "INTERNAL_SERVER_ERROR", RailwayNothingStaged),
        ("Problem processing request", None, RailwayProblem),
        ("Something new", "INTERNAL_SERVER_ERROR", RailwayProblem),
        ("Cannot return null for non-nullable field VolumeInstance.service.", None, RailwayAnswerInvalid),
        ("Who are you?", "UNAUTHENTICATED", RailwayTokenInvalid),
        ("No.", "FORBIDDEN", RailwayForbidden),
        ("Slow down", "RATE_LIMITED", RailwayRateLimited),
        ("Name is taken", "BAD_USER_INPUT", RailwayRefused),
        ("Cannot query field", "GRAPHQL_VALIDATION_FAILED", RailwayDocumentInvalid),
    ],
)
def test_an_error_is_told_by_its_message_and_then_by_its_code(
    message: str, code: str | None, kind: type[RailwayProblem]
) -> None:
    problem = problem_of(failing(message, code, trace="abc"))
    assert type(problem) is kind
    assert (problem.operation, problem.trace_id) == ("project", "abc")
    assert problem.document()["trace_id"] == "abc"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(PAGE, status=502), RailwayUnavailable),
        (Reply(FAILED, status=500), RailwayUnavailable),
        (Reply("", status=503), RailwayUnavailable),
        (Reply({"errors": [{"message": "Not Authorized"}]}, status=500), RailwayNotAuthorized),
        (Reply({"errors": [{"message": "Syntax Error: Unexpected Name"}]}, status=400), RailwayDocumentInvalid),
        (Reply("", status=401), RailwayTokenInvalid),
        (Reply(PAGE, status=403), RailwayNotAuthorized),
        (Reply(PAGE, status=429), RailwayRateLimited),
        (Reply(PAGE, status=404), RailwayAnswerInvalid),
        (Reply(PAGE, status=302), RailwayAnswerInvalid),
        (Reply(PAGE), RailwayAnswerInvalid),
        (Reply({"data": None}), RailwayAnswerInvalid),
        (Reply({"data": []}), RailwayAnswerInvalid),
        (Reply([1]), RailwayAnswerInvalid),
        (Reply({"data": {"project": {}}, "errors": ["what"]}), RailwayProblem),
        (Reply({"data": {"project": {}}, "errors": {"message": "Not Authorized"}}), RailwayNotAuthorized),
        (Reply({"errors": [{"message": None, "extensions": None, "path": 3}]}), RailwayProblem),
    ],
)
def test_a_status_says_something_only_where_the_body_says_nothing(reply: Reply, kind: type[RailwayProblem]) -> None:
    assert type(problem_of(reply)) is kind


def test_complete_data_is_handed_out_whatever_else_the_answer_holds() -> None:
    assert judged(Reply({"data": {"project": {"id": "1"}}, "extensions": {"cost": 3}})) == {"project": {"id": "1"}}
    assert judged(Reply({"data": {"project": None}, "errors": []})) == {"project": None}


def test_data_with_errors_is_no_data() -> None:
    partly = failing("Not Authorized", path=["project", "environments"], data={"project": {"id": "1"}})
    assert type(problem_of(partly)) is RailwayNotAuthorized


def test_of_several_errors_the_telling_one_is_taken_and_a_trace_id_is_never_lost() -> None:
    first = {"message": "Problem processing request", "traceId": "4711"}
    problem = problem_of(Reply({"errors": [first, {"message": "Project not found"}], "data": None}))
    assert (type(problem), problem.said, problem.trace_id) == (RailwayNotFound, "Project not found", "4711")


@pytest.mark.parametrize(
    "reply",
    [
        # The environment was made, and only what we wanted to know of it failed.
        failing("Not Authorized", path=["environmentCreate", "config"]),
        failing("Cannot return null for non-nullable field Environment.name.", path=["environmentCreate", "name"]),
        failing("Problem processing request", data={"environmentCreate": {"id": "1", "name": "a"}}),
        failing("Project not found", data={"environmentCreate": {"id": "1", "name": "a"}}),
    ],
)
def test_a_change_whose_result_cannot_be_told_in_full_may_have_been_made(reply: Reply) -> None:
    assert type(problem_of(reply, CHANGE)) is OutcomeUnknown


def test_a_change_that_is_refused_as_a_whole_was_not_made() -> None:
    problem = problem_of(failing("Not Authorized", path=["environmentCreate"]), CHANGE)
    assert type(problem) is RailwayNotAuthorized
    assert problem.changed_nothing


def test_what_throttles_says_how_long_to_wait() -> None:
    assert problem_of(failing("one environment for each user every 30s")).retry_after == 30


def test_values_that_railway_repeats_are_not_told_further() -> None:
    echo = (
        'Variable "$input" got invalid value {"PGPASSWORD": "hunter2; x", "A": 1}; Field "b" is not defined: hunter2.'
    )
    refused = problem_of(failing(echo, "BAD_USER_INPUT"))
    url = problem_of(failing("cannot reach postgresql://me:hunter2@db.internal/x", "BAD_USER_INPUT"))
    assert type(refused) is RailwayRefused
    assert '$input" has an invalid value' in refused.detail
    assert "hunter2" not in str(refused.document()) + str(url.document())


def test_a_long_message_is_cut() -> None:
    assert len(problem_of(failing("x" * 10_000)).detail) < 1_000


def test_every_kind_of_failure_names_a_way_out() -> None:
    kinds = subclasses(RailwayProblem)
    assert len(kinds) > 10
    assert [kind for kind in kinds if not kind.code.startswith("RAILWAY_") or len(kind.way_out) < 20] == []


def subclasses(kind: type[RailwayProblem]) -> list[type[RailwayProblem]]:
    return [kind, *(below for child in kind.__subclasses__() for below in subclasses(child))]
