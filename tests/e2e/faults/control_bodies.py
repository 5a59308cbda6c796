"""Bodies, headers and parameters that no client would send by intent: each is refused by a problem, none is a 500."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.e2e.faults import fault
from tests.e2e.faults.control_side import rows
from tests.e2e.world import World

_AT_ONCE: Final = 8
_SAMPLE: Final = 250  # of a few thousand
_MIB: Final = 1024 * 1024

_TEXTS: Final[list[Any]] = ["\0", "a\0b", "\ud800", "a" * 5000, "'; DROP TABLE job; --", "%s%n\r\n", "../..", None, 1]
_NUMBERS: Final[list[Any]] = [10**400, -(10**30), 2**31, 2**63, 1e308, float("nan"), float("inf"), "1" * 5000, -1, []]
_KEYS: Final = ("\0", "\ud800", "unknown", "a/b~c", "", "__proto__")
_RAW: Final = (
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"1" * 5000,
    b"\xff\xfe",
    b"",
    b"null",
    b"NaN",
    b"\xef\xbb\xbf{}",
    b'{"name":"\\ud800"}',
    "{}".encode("utf-16"),
    b'{"name": "a", "name": "b"',
)
_TYPES: Final = (
    *("text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data; boundary=x"),
    *("application/x-www-form-urlencoded", "", "\xff", "application/problem+json"),
)
_VALUES: Final = (
    *("%00", "a%00b", "%ED%A0%80", "%FF", "9" * 30, "9" * 5000, "-1", "2147483648", "0001-01-01T00:00:00%2B14:00"),
    *("9999-12-31T23:59:59-14:00", "1e9", "Infinity", "%C2%B2", "a:%00", "a=%00", ""),
)
_HEADERS: Final = (b'"\xb2"', b'W/"' + b"9" * 5000 + b'"', b"\xff", b"9" * 30, b"-1", b"*")

Request = tuple[str, str, dict[str, Any]]


def bodies(world: World, backup: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Of every operation that takes one, complete; each is sent as a dry run."""
    roles = {"a": world.target.user}
    table = {"schema": "s", "name": "n"}
    new = {"kind": "logical_database", "database_id": world.database, "name": "n"}
    place = {"name": "o", "is_default": False, "access_key_id": "a", "secret_access_key": "b"}
    where = {"endpoint_url": "http://127.0.0.1:1", "bucket": "bbb", "prefix": "x", "region": "r", "addressing": "path"}
    common = {"parts": "all", "owner_mode": "map", "role_map": roles, "safety_backup": True, "on_conflict": "fail"}
    wish = {"project_id": world.project, "name": "x", "protected": False, "labels": {"a": "b"}}
    login = {"connection_string": "postgresql://u:p@127.0.0.1:1/x", "ca_pem": "x"}
    taken = {
        "logical_databases": [world.target.database],
        "tables": [table],
        "exclude_tables": [table],
        "encryption": "age",
        "location_ids": [world.location],
        "labels": {"a": "b"},
    }
    return [
        ("POST", "/v1/api-keys", {"name": "k", "scopes": ["jobs:read"], "expires_in_days": 3}),
        ("POST", "/v1/projects", {"name": "p"}),
        ("POST", f"/v1/projects/{world.project}/environments", {"name": "p", "kind": "staging"}),
        ("POST", "/v1/databases", wish | {"provider": "local", "major": 15}),
        ("POST", "/v1/databases", wish | {"provider": "external"} | login),
        ("PATCH", f"/v1/databases/{world.database}", {"name": "x", "protected": False, "labels": {"a": "b"}}),
        ("POST", "/v1/locations", place | where | {"project_id": world.project, "allow_insecure": True}),
        ("PATCH", f"/v1/locations/{world.location}", place),
        ("POST", world.backups, taken),
        ("PATCH", f"/v1/backups/{backup}", {"labels": {"a": "b"}}),
        ("POST", f"/v1/backups/{backup}/downloads", {"object": "archive", "location_id": world.location}),
        ("POST", "/v1/restores", common | {"backup_id": backup, "target": new}),
        (
            "POST",
            f"/v1/backups/{backup}:restore",
            common | {"target": {"kind": "new_database", "name": "n", "major": 15}},
        ),
    ]


def variants(value: Any) -> Iterator[Any]:
    """``value`` with one thing in it wrong."""
    match value:
        case bool() | int():
            yield from _NUMBERS
        case str():
            yield from (*_TEXTS, value + "\0", value + "\udfff")
        case dict():
            yield from ({**value, key: wrong} for key in _KEYS for wrong in ("x", "\0", "\ud800"))
            yield from ({**value, key: wrong} for key, inner in value.items() for wrong in variants(inner))
        case list():
            yield from (value * 2000, [None], [[]], "x", [10**400])
            yield from ([wrong, *value[1:]] for wrong in variants(value[0]))


async def none_is_our_mistake(world: World, requests: list[Request]) -> None:
    """A sample of them, on both replicas: what is not a success is a problem, and none is of class 500."""
    limit = asyncio.Semaphore(_AT_ONCE)

    async def send(method: str, path: str, options: dict[str, Any]) -> None:
        client: httpx.AsyncClient = world.random.choice((world.client, world.other_client))
        headers = {"Idempotency-Key": uuid4().hex, **options.get("headers", {})}
        async with limit:
            answer = await client.request(method, path, **(options | {"headers": headers}))
        what = f"{method} {path} {str(options)[:500]}: {answer.status_code} {answer.text[:500]}"
        # An address at which nothing listens is in one of the bodies.
        assert answer.status_code < 500 or answer.json()["code"] == "DATABASE_UNREACHABLE", what
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", what
            assert {"code", "detail", "retryable"} <= answer.json().keys(), what

    before = await rows(world)
    async with asyncio.TaskGroup() as tasks:
        for method, path, options in world.random.sample(requests, min(_SAMPLE, len(requests))):
            tasks.create_task(send(method, path, options))
    after = await rows(world)
    # A denied attempt leaves its trace, as it should.
    assert {name: count for name, count in after.items() if name != "audit_event"} == {
        name: count for name, count in before.items() if name != "audit_event"
    }


def _json(body: bytes | Any, content_type: str = "application/json") -> dict[str, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {"content": content, "headers": {"Content-Type": content_type.encode("latin-1")}}


@fault
async def members_that_are_wrong_in_every_way(world: World) -> None:
    requests = [
        (method, f"{path}?dry_run=true", _json(wrong))
        for method, path, body in bodies(world, await world.good_backup())
        for wrong in variants(body)
    ]
    await none_is_our_mistake(world, requests)


@fault
async def bodies_that_are_none_or_of_another_kind(world: World) -> None:
    operations = [
        (method, f"{path}?dry_run=true", body) for method, path, body in bodies(world, await world.good_backup())
    ]
    await none_is_our_mistake(
        world,
        [
            *((method, path, _json(raw)) for method, path, _ in operations for raw in _RAW),
            *((method, path, _json(body, kind)) for method, path, body in operations for kind in _TYPES),
        ],
    )
    for method, path, _ in operations:
        answer = await world.client.request(method, path, **_json(b"{}" + b" " * _MIB))
        assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


@fault
async def bodies_where_none_is_read(world: World) -> None:
    probe = f"/v1/locations/{world.location}:probe"
    await none_is_our_mistake(world, [("POST", f"{probe}?dry_run=true", _json(raw)) for raw in _RAW])
    answer = await world.client.post(probe, **_json(_RAW[0]))
    assert answer.status_code == 200


@fault
async def parameters_and_headers_that_are_wrong_in_every_way(world: World) -> None:
    document = (await world.client.get("/openapi.json")).json()
    backup = await world.good_backup()
    known = {"project_id": world.project, "database_id": world.database, "location_id": world.location}
    known["backup_id"] = backup
    requests: list[Request] = []
    for path, operations in document["paths"].items():
        for parameter in _parameters(document, operations.get("get", {})):
            name = parameter["name"]
            if parameter["in"] == "path":
                requests += [("GET", _filled(path, known | {name: wrong}), {}) for wrong in (*_VALUES[:6], "x" * 3000)]
            elif parameter["in"] == "query":
                requests += [("GET", f"{_filled(path, known)}?{name}={wrong}", {}) for wrong in _VALUES]
            else:
                requests += [("GET", _filled(path, known), {"headers": {name: wrong}}) for wrong in _HEADERS]
    await none_is_our_mistake(world, requests)


def _parameters(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in operation.get("parameters", []):
        yield document["components"]["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one


def _filled(path: str, known: dict[str, str]) -> str:
    for name in (part.strip("{}").partition("}")[0] for part in path.split("/") if "{" in part):
        path = path.replace(f"{{{name}}}", known.get(name, f"{name[:3]}_{'0' * 25}y"))
    return path
