"""The OpenAPI document: what FastAPI writes, repaired where generators and linters stumble over it."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from app.auth.dependencies import MUTATIONS, Requires, begin_once_required, later_write
from app.auth.responses import MEDIA_TYPE
from app.jobs.schemas import JobEventView
from app.kit.ids import JobId
from app.settings import ApiSettings

DESCRIPTION = """\
Provisions PostgreSQL databases, hands out connections, takes backups that are proven to restore, and restores them.

Every error is a problem document (RFC 9457) with a stable `code`, and `retryable` tells whether the same request may
succeed later. Long actions answer 202 with a job. Lists are cut into pages by cursors. Every answer has an
`X-Request-Id`, which is also in the log. Clients must tolerate members and enumeration values that they do not know.
"""

TAGS = {
    "auth": "API keys, who am I, and the trail of what was done.",
    "jobs": "The record of every long action: progress, result, events, cancel and retry.",
    "projects": "Projects and their environments.",
    "databases": "Managed PostgreSQL servers.",
    "connections": "How to connect to a database, whether that works, and by which certificate.",
    "roles": "Who may log in to a server, what they may do there, and logins that end by themselves.",
    "rotations": "Other passwords for logins, while applications go on, when asked for or by themselves.",
    "parameters": "Settings of a server: read with their ranges, changed with If-Match, undone.",
    "extensions": "Extensions of a logical database: what there is, what is installed, what needs a preloaded library.",
    "applications": "Roles of an application's own, instead of the superuser: an owner and two logins.",
    "network": "By which addresses a server is reached, and public access that ends by itself.",
    "platform": "What Railway tells of a database's service: deployments, logs, volume, metrics, costs.",
    "locations": "Where copies of backups live: a bucket, a prefix and the credentials for it.",
    "backups": "Dumps that are counted, indexed and uploaded, and their copies.",
    "policies": "When databases are backed up by themselves, what is kept of it, and which databases are not covered.",
    "alerts": "Incidents: what is wrong until it is cleared.",
    "railway": "Railway: tokens, what they see, environments there, and changes that wait in them.",
    "pooling": "A PgBouncer before a database: its pools, its pauses, what it tells, and how large it should be.",
    "budgets": "The pools of all consumers against the connections that a server allows, to ask before a deploy.",
    "exports": "Backups written as SQL, and databases copied straight into another server.",
    "restores": "A backup brought back into a server, with a report per table.",
    "verifications": "Whether a backup is what it says: objects looked at, read back whole, or restored and compared.",
    "imports": "Dumps that were made elsewhere: an archive becomes a backup, plain SQL is restored from here.",
    "hooks": "Addresses for the webhooks of GitHub, GitLab and Railway, and what is done when one calls.",
    "snapshots": "Railway's own copies of a volume, taken and restored in the same place.",
}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "An error (RFC 9457). Some codes add members.",
    "required": ["type", "title", "status", "detail", "code", "retryable"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Documentation of the code."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "The cause and the way out, for a person."},
        "code": {"type": "string", "description": "Stable, for programs.", "examples": ["NOT_FOUND"]},
        "retryable": {"type": "boolean", "description": "Whether the same request may succeed later."},
        "instance": {"type": "string", "description": "Path of the request."},
        "request_id": {"type": "string", "format": "uuid"},
        "retry_after": {"type": "integer", "description": "Seconds."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemItem"}},
        "blocking_job_id": TypeAdapter(JobId).json_schema() | {"description": "With `JOB_CONFLICT`."},
        "required_scope": {"type": "string", "description": "With `SCOPE_MISSING`."},
        "cause": {
            "anyOf": [{"$ref": "#/components/schemas/Problem"}, {"type": "null"}],
            "description": "What failed before, and led to this.",
        },
    },
    "additionalProperties": True,
}
PROBLEM_ITEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "ProblemItem",
    "required": ["code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer into the body, or a path parameter in braces."},
        "parameter": {"type": "string", "description": "Query parameter or header."},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}

HEADERS: dict[str, Any] = {
    "X-Request-Id": {
        "description": "Names the request, also in the log; the caller's own when that is a UUID.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "ETag": {"description": "The revision, for If-None-Match and If-Match.", "schema": {"type": "string"}},
    "Location": {
        "description": "Path of what was made, or of the job that makes it.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {"description": "Seconds to wait before asking again.", "schema": {"type": "integer", "minimum": 0}},
    "Idempotency-Replayed": {
        "description": "`true` when this is the stored answer to an earlier request.",
        "schema": {"type": "string", "const": "true"},
    },
    "Dry-Run": {
        "description": "`true` when nothing of this was kept.",
        "schema": {"type": "string", "const": "true"},
    },
}
DRY_RUN: dict[str, Any] = {
    "name": "dry_run",
    "in": "query",
    "required": False,
    "description": "Checks everything and gives the answer that the request would get, without secrets; keeps nothing.",
    "schema": {"type": "boolean", "default": False},
}

# Name of the component, status, what it means. Every operation has the first three; the others where they apply.
_SHARED = {
    "Internal": (500, "`INTERNAL`: a mistake of ours; the log has the details under the request id"),
    "Unavailable": (503, "`UNAVAILABLE` or another code: something outside does not answer, try again"),
    "Unauthorized": (401, "`KEY_MISSING`, `KEY_INVALID`, `KEY_EXPIRED` or `KEY_REVOKED`"),
    "Forbidden": (403, "`SCOPE_MISSING`: the key lacks the scope named in `required_scope`"),
    "BadRequest": (400, "`PARAMETER_INVALID`, or `BODY_MALFORMED` for a body that is not JSON"),
    "BodyTooLarge": (413, "`BODY_TOO_LARGE`"),
    "MediaType": (415, "`MEDIA_TYPE`: the body is not JSON by its content type"),
    "ValidationFailed": (422, "`VALIDATION_FAILED`: `errors` has one entry per field"),
}


def install(app: FastAPI, settings: ApiSettings) -> None:
    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, settings)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the way FastAPI documents


def _document(app: FastAPI, settings: ApiSettings) -> dict[str, Any]:
    routes = [route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema]
    used = {str(tag) for route in routes for tag in route.tags}
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary="A control plane for the PostgreSQL databases a team runs on Railway",
        description=DESCRIPTION,
        routes=routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items() if name in used],
        servers=[{"url": settings.public_url or "/", "description": "This service"}],
        contact={"name": "Railway Postgres Manager"},
    )
    for route in routes:
        for method in route.methods or ():
            _repair(document["paths"][route.path_format][method.lower()], route, method)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _declare_headers(operation, one=_read_of_one(document["paths"], path))
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= {"Problem": PROBLEM_SCHEMA, "ProblemItem": PROBLEM_ITEM_SCHEMA}
    # Stands only in the text of a stream, which no schema can refer to.
    schemas["JobEventView"] = JobEventView.model_json_schema(mode="serialization")
    for schema in schemas.values():
        _constrain_names(schema)
    components["headers"] = HEADERS
    components["responses"] = {name: _shared(status, text) for name, (status, text) in _SHARED.items()}
    components["securitySchemes"] = {
        "apiKey": {"type": "http", "scheme": "bearer", "description": "An API key, `pgm_…`."}
    }
    return document


def _constrain_names(schema: Any) -> None:
    """Says of objects with keys of one pattern what generators understand: the type of values, and the pattern apart."""
    if isinstance(schema, dict):
        if len(schema.get("patternProperties", ())) == 1:
            ((pattern, values),) = schema.pop("patternProperties").items()
            schema["additionalProperties"] = values
            schema.setdefault("propertyNames", {})["pattern"] = pattern
        for member in schema.values():
            _constrain_names(member)
    elif isinstance(schema, list):
        for member in schema:
            _constrain_names(member)


def _repair(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    responses = operation["responses"]
    for answer in responses.values():
        for content in answer.get("content", {}).values():
            if "itemSchema" in content:  # a word of OpenAPI 3.2 in a document of 3.1, where a stream is one long text
                del content["itemSchema"]
                content["schema"] = {"type": "string"}
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    calls = list(_calls(route.dependant))
    guard = next((call for call in calls if isinstance(call, Requires)), None)
    if guard is not None:
        operation["security"] = [{"apiKey": []}]
        operation["x-required-scopes"] = list(guard.scopes)
    if method in MUTATIONS:
        operation.setdefault("parameters", []).append(DRY_RUN)
    _repair_parameters(operation, key_required=begin_once_required in calls or later_write in calls)
    for name in _common(operation):
        responses.setdefault(str(_SHARED[name][0]), {"$ref": f"#/components/responses/{name}"})
    operation["responses"] = dict(sorted(responses.items()))


def _repair_parameters(operation: dict[str, Any], *, key_required: bool) -> None:
    """Writes the names of headers as the standards do, and adds the answers without a body that they lead to."""
    responses = operation["responses"]
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _without_null(parameter["schema"])
        if parameter["in"] == "header":
            parameter["name"] = _capitals(parameter["name"])
        if parameter["name"] == "Idempotency-Key" and key_required:
            parameter["required"] = True
    if "If-None-Match" in _names(operation):
        responses["304"] = {"description": "The caller has the current revision already."}
    if "Last-Event-ID" in _names(operation):
        responses["204"] = {"description": "The stream has ended and its end was seen: do not connect again."}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out, never null."""
    choices: list[dict[str, Any]] = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return choices[0] | {name: value for name, value in schema.items() if name != "anyOf"}


def _declare_headers(operation: dict[str, Any], one: dict[str, Any] | None) -> None:
    """``one`` is the operation that reads what a POST at this address makes."""
    for status, answer in operation["responses"].items():
        if "$ref" not in answer:
            answer["headers"] = _references(_headers(status, answer, _names(operation), one))


def _headers(status: str, answer: dict[str, Any], asked: set[str], one: dict[str, Any] | None) -> Iterator[str]:
    yield "X-Request-Id"
    made = one if status == "201" else None
    same = made is not None and _content(answer) == _content(made["responses"]["200"])
    if status == "304" or same or (status == "200" and asked & {"If-None-Match", "If-Match"}):
        yield "ETag"
    if made is not None or status == "202":
        yield "Location"
    waits = {"200": "wait", "409": "Idempotency-Key"}
    if status in ("202", "503") or waits.get(status) in asked:
        yield "Retry-After"
    if status < "300" and "Idempotency-Key" in asked:
        yield "Idempotency-Replayed"
    if status < "300" and "dry_run" in asked:
        yield "Dry-Run"


def _references(headers: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in headers}


def _read_of_one(paths: dict[str, Any], path: str) -> dict[str, Any] | None:
    children = (other for other in paths if re.fullmatch(re.escape(path) + r"/\{\w+\}", other))
    return next((paths[child]["get"] for child in children if "get" in paths[child]), None)


def _content(answer: dict[str, Any]) -> Any:
    return answer.get("content", {}).get("application/json")


def _names(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", ())}


def _capitals(header: str) -> str:
    return "-".join("ID" if part == "id" else part.capitalize() for part in header.lower().split("-"))


def _common(operation: dict[str, Any]) -> Iterator[str]:
    """The errors that an operation has by its shape, whatever its domain."""
    yield from ("Internal", "Unavailable")
    if "security" in operation:
        yield "Unauthorized"
    if operation.get("x-required-scopes"):
        yield "Forbidden"
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    if "requestBody" in operation:
        yield from ("BadRequest", "BodyTooLarge", "MediaType", "ValidationFailed")
    if places - {"path"}:
        yield "BadRequest"
    if "path" in places:
        yield "ValidationFailed"


def _calls(dependant: Dependant) -> Iterator[Any]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from _calls(dependency)


def _shared(status: int, text: str) -> dict[str, Any]:
    return {
        "description": text,
        "headers": _references(_headers(str(status), {}, set(), None)),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
