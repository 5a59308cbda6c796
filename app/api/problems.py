"""Every error leaves as ``application/problem+json``, whoever raised it."""

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from app.api.errors import BodyMalformed, BodyTooLarge, MediaTypeUnsupported, MethodNotAllowed
from app.auth.dependencies import report_denial
from app.auth.idempotency import Replay
from app.db.errors import PoolExhausted, translate
from app.errors import BadRequest, NotFound, Problem, Unprocessable

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


def answer(scope: Scope, problem: Problem) -> Response:
    """The problem document of one request, with the headers that belong to it."""
    headers = dict(problem.headers)
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    document = problem.document(instance=scope["path"], request_id=scope.get("state", {}).get("request_id"))
    content = json.dumps(document, ensure_ascii=False, default=str).encode()
    return Response(content, status_code=problem.status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    handlers: dict[type[Exception], Callable[[Request, Any], Awaitable[Response]]] = {
        Problem: _known,
        HTTPException: _of_the_framework,
        RequestValidationError: _invalid,
        DBAPIError: _database,
        PoolTimeout: _pool,
        Replay: _replay,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _known(request: Request, error: Problem) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request.problem", code=error.code, detail=error.detail)
    if error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        await report_denial(request, error)
    return answer(request.scope, error)


async def _of_the_framework(request: Request, error: HTTPException) -> Response:
    headers: Mapping[str, str] = error.headers or {}
    if error.status_code < HTTPStatus.BAD_REQUEST:  # 304 and 204 end a request early, and are no errors
        return Response(status_code=error.status_code, headers=headers)
    problem: Problem
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            problem = NotFound("There is nothing at this address: compare the path with the reference at /docs.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = _methods(request)
            problem = MethodNotAllowed(f"This address takes {allowed}.", headers={"Allow": allowed})
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            problem = BodyTooLarge(str(error.detail))
        case HTTPStatus.BAD_REQUEST:
            problem = BodyMalformed("The body cannot be read; send UTF-8 JSON.")
        case status:
            log.error("request.unexpected_http_error", status=status)
            problem = Problem("The request failed for a reason that has no code yet; see the log of this request.")
    return answer(request.scope, problem)


def _methods(request: Request) -> str:
    """Of all routes of this path: the framework names only those of the first one."""
    found = (route for route in request.app.routes if isinstance(route, Route))
    routes = [route for route in found if route.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for route in routes for method in route.methods or ()}))


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    return answer(request.scope, _validation_problem(error, request.headers.get("content-type")))


def _validation_problem(error: RequestValidationError, content_type: str | None) -> Problem:
    """Parameters answer 400, body and path 422. What the caller sent is never repeated: it may be a secret."""
    found = error.errors()
    first = found[0]
    if first["type"] == "json_invalid":
        return BodyMalformed(f"The body is not JSON: {first['ctx']['error']} at character {first['loc'][1]}.")
    if isinstance(error.body, bytes):
        # FastAPI hands the raw bytes on when the content type is not JSON, and validation then fails on them.
        return MediaTypeUnsupported(
            "Send the body as application/json." if content_type else "Name the content type: application/json."
        )
    parameters = [item for item in found if item["loc"][0] not in ("body", "path")]
    if parameters:
        members = [{"parameter": str(item["loc"][-1]), **_reason(item)} for item in parameters]
        name = members[0]["parameter"]
        return BadRequest(f"The parameter {name} is invalid: {members[0]['detail']}", errors=members)
    members = [{"pointer": _pointer(item["loc"], error.body), **_reason(item)} for item in found]
    where = members[0]["pointer"] or "the body"
    return Unprocessable(f"{where} is invalid: {members[0]['detail']}", errors=members)


def _pointer(location: tuple[int | str, ...], body: Any) -> str:
    """An RFC 6901 pointer into the body, or the name of a path parameter in braces.

    A location also has the tag of each union that was decided on the way, which stands nowhere in the body: whatever
    an object does not have is left out, but for the last part, which may be what is missing.
    """
    if location[0] == "path":
        return f"{{{location[-1]}}}"
    parts = location[1:]
    shown = []
    for part in parts:
        if isinstance(body, dict) and part not in body and part is not parts[-1]:
            continue
        shown.append(part)
        body = _inside(body, part)
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in shown)


def _inside(body: Any, part: int | str) -> Any:
    try:
        return body[part]
    except (KeyError, IndexError, TypeError):
        return None


def _reason(item: Mapping[str, Any]) -> dict[str, str]:
    code = str(item["type"])
    match code:
        case "union_tag_invalid":
            detail = f"Expected one of {item['ctx']['expected_tags']}"
        case "value_error":
            detail = str(item["msg"]).removeprefix("Value error, ")
        case _ if code.endswith("_parsing"):
            # The rest of these sentences quotes characters of the input.
            detail = str(item["msg"]).partition(",")[0]
        case _:
            detail = str(item["msg"])
    return {"code": code.upper(), "detail": detail}


async def _database(request: Request, error: DBAPIError) -> Response:
    problem = translate(error)
    if problem is None:
        raise error
    return await _known(request, problem)


async def _pool(request: Request, _error: PoolTimeout) -> Response:
    detail = "All connections to the control database were in use for 10 seconds; try again."
    return await _known(request, PoolExhausted(detail, retry_after=5))


async def _replay(_request: Request, replay: Replay) -> Response:
    headers = {**replay.headers, "Idempotency-Replayed": "true"}
    media_type = "application/json" if replay.body else None
    return Response(replay.body, status_code=replay.status, headers=headers, media_type=media_type)
