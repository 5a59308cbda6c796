import json

import httpx

from app.main import create_app


async def test_every_operation_follows_the_conventions() -> None:
    document = create_app().openapi()
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


async def test_members_of_answers_are_always_there() -> None:
    schema = create_app().openapi()["components"]["schemas"]["ApiKeyCreated"]
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
