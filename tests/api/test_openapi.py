import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx

from app.main import create_app

# Cancelling twice is harmless.
NEEDS_NO_KEY = {"cancel_job"}
# Changes that are the same when they are made twice.
TAKES_NO_KEY = {"update_project", "update_environment", "update_database", "update_backup"}
# Keys never change except by being revoked, and whoever asks wants to know. An application has sessions of the moment.
HAS_NO_TAG = {"get_api_key", "get_application"}
# Short by nature: asked of a server as it is now, or one entry per location.
NOT_PAGED = {
    "list_logical_databases",
    "list_backup_copies",
    "list_snapshots",
    "list_railway_projects",
    "list_railway_environments",
    "list_railway_services",
    "list_railway_regions",
}
# Of any kind of resource, or given by somebody else.
FREE_TEXT = {"target_id", "subject_id", "request_id", "access_key_id", "dump_id"}


@cache
def described() -> dict[str, Any]:
    """The document, which takes a second to write."""
    return create_app().openapi()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {parameter["name"]: parameter for parameter in operation.get("parameters", [])}


def headers(operation: dict[str, Any], status: str) -> set[str]:
    return set(operation["responses"][status].get("headers", ()))


async def test_every_operation_follows_the_conventions() -> None:
    document = described()
    ids = []
    for path, operations in document["paths"].items():
        assert path.startswith("/v1/")
        for method, operation in operations.items():
            where = f"{method} {path}"
            ids.append(operation["operationId"])
            assert operation["security"] == [{"apiKey": []}], where
            assert operation["tags"][0] in {tag["name"] for tag in document["tags"]}, where
            assert len(operation["tags"]) == 1, where
            assert operation.get("description"), where
            for status, answer in operation["responses"].items():
                if status >= "400" and "$ref" not in answer:
                    assert list(answer["content"]) == ["application/problem+json"], f"{where} {status}"
    assert len(ids) == len(set(ids))
    text = json.dumps(document)
    assert "HTTPValidationError" not in text
    assert "itemSchema" not in text


async def test_mutations_can_be_repeated_and_tried_out() -> None:
    for method, _, operation in operations():
        name, taken = operation["operationId"], parameters(operation)
        assert ("dry_run" in taken) == (method != "get"), name
        assert ("Idempotency-Key" in taken) == (method != "get" and name not in TAKES_NO_KEY), name
        if method == "post" and "202" in operation["responses"]:
            assert taken["Idempotency-Key"]["required"] == (name not in NEEDS_NO_KEY), name
        if "202" in operation["responses"]:
            assert headers(operation, "202") >= {"Location", "Retry-After"}, name
        if method != "get":
            success = min(operation["responses"])
            assert "Dry-Run" in headers(operation, success), name


async def test_one_resource_is_read_with_its_tag_and_may_be_absent() -> None:
    for method, path, operation in operations():
        name, answers = operation["operationId"], operation["responses"]
        if "{" in path:
            assert "404" in answers, name
        if method == "get" and path.endswith("}") and name not in HAS_NO_TAG:
            assert "If-None-Match" in parameters(operation), name
            assert "ETag" in headers(operation, "200") & headers(operation, "304"), name
        elif method == "get":
            assert "304" not in answers, name
        if method == "patch":
            assert "If-Match" in parameters(operation), name
            assert "412" in answers, name


async def test_lists_come_in_pages() -> None:
    for method, path, operation in operations():
        name = operation["operationId"]
        if method == "get" and name.startswith("list_") and name not in NOT_PAGED:
            assert parameters(operation).keys() >= {"limit", "cursor"}, name
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
            assert "/Page_" in schema, name
        elif method == "get":
            assert "cursor" not in parameters(operation), name
            assert name.startswith(("get_", "stream_")) or name in NOT_PAGED or path == "/v1/whoami", name


async def test_ids_have_patterns() -> None:
    for _, _, operation in operations():
        for name, parameter in parameters(operation).items():
            if name.endswith("_id") and name not in FREE_TEXT:
                assert "pattern" in json.dumps(parameter["schema"]), f"{operation['operationId']} {name}"
    for title, schema in described()["components"]["schemas"].items():
        for name, member in schema.get("properties", {}).items():
            if (name == "id" or name.endswith("_id")) and name not in FREE_TEXT:
                assert "pattern" in json.dumps(member), f"{title} {name}"


async def test_headers_are_named_as_in_their_standards_and_declared_once() -> None:
    document = described()
    names = {
        parameter["name"]
        for _, _, operation in operations()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "header"
    }
    assert names == {"Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID"}
    for _, _, operation in operations():
        for status, answer in operation["responses"].items():
            found = answer
            if "$ref" in answer:
                found = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
            assert "X-Request-Id" in found["headers"], f"{operation['operationId']} {status}"
            for name, header in found["headers"].items():
                assert header == {"$ref": f"#/components/headers/{name}"}
                assert name in document["components"]["headers"]


async def test_answers_of_another_status_than_the_usual_one_are_declared() -> None:
    found = {operation["operationId"]: operation["responses"] for _, _, operation in operations()}
    assert found["create_database"]["201"]["content"] == found["create_database"]["202"]["content"]
    assert "Location" in found["create_database"]["201"]["headers"]
    assert "content" not in found["stream_job_events"]["204"]


async def test_parameters_are_left_out_and_never_null() -> None:
    for _, _, operation in operations():
        for name, parameter in parameters(operation).items():
            assert "null" not in json.dumps(parameter["schema"]), f"{operation['operationId']} {name}"
            assert "type" in parameter["schema"] or "$ref" in parameter["schema"], f"{operation['operationId']} {name}"


async def test_problems_that_were_kept_are_typed_like_those_that_are_answered() -> None:
    schemas = described()["components"]["schemas"]
    kept = {
        f"{title}.{name}": member
        for title, schema in schemas.items()
        for name, member in schema.get("properties", {}).items()
        if name in {"error", "last_error", "probe_error"}
    }
    assert {"JobView.error", "BackupView.error", "RestoreView.error", "LocationView.probe_error"} <= kept.keys()
    for where, member in kept.items():
        assert member["anyOf"] == [{"$ref": "#/components/schemas/Problem"}, {"type": "null"}], where


async def test_the_values_of_maps_have_a_type_that_generators_read() -> None:
    document = json.dumps(described())
    assert "patternProperties" not in document
    labels = described()["components"]["schemas"]["LocalDatabaseCreate"]["properties"]["labels"]
    assert labels["additionalProperties"]["type"] == "string"
    assert re.match(labels["propertyNames"]["pattern"], "team")


async def test_an_event_of_a_stream_has_a_schema_although_nothing_can_refer_to_it() -> None:
    document = described()
    stream = document["paths"]["/v1/jobs/{job_id}/events"]["get"]["responses"]["200"]["content"]
    assert stream == {"text/event-stream": {"schema": {"type": "string"}}}
    assert set(document["components"]["schemas"]["JobEventView"]["required"]) == {"number", "at", "kind", "detail"}


async def test_no_two_models_share_a_name() -> None:
    """Those that do are named after their modules, which tells callers nothing, and generators refuse them."""
    assert [name for name in described()["components"]["schemas"] if "__" in name] == []


async def test_members_of_answers_are_always_there() -> None:
    schema = described()["components"]["schemas"]["ApiKeyCreated"]
    assert set(schema["required"]) == set(schema["properties"])


async def test_the_documentation_is_served_from_here(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "//cdn" not in page.text
    assert (await client.get("/openapi.json")).json()["info"]["title"] == "Railway Postgres Manager"


async def test_the_type_of_a_problem_is_an_address_that_explains_it(client: httpx.AsyncClient) -> None:
    problem = (await client.get("/v1/whoami")).json()
    address, _, anchor = problem["type"].partition("#")
    page = await client.get(address)
    assert page.status_code == 200
    assert f"<tr id={anchor}>" in page.text
