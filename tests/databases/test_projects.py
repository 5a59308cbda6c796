import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import col, select

from app.auth.models import AuditEvent
from app.auth.scopes import Scope
from app.databases.errors import HasDependents
from app.kit.ids import encode_id, new_id
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.databases.records import add_database, create_project


def path_of(project_id: UUID) -> str:
    return f"/v1/projects/{encode_id('prj', project_id)}"


async def test_a_project_is_born_with_a_production_environment(
    client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    answer = await client.post("/v1/projects", json={"name": "shop"}, headers=as_admin)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/projects/{answer.json()['id']}"
    environments = await client.get(answer.headers["location"] + "/environments", headers=as_admin)
    assert [(found["name"], found["kind"]) for found in environments.json()["data"]] == [("production", "production")]


async def test_a_name_is_taken_until_its_project_is_deleted(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    again = await client.post("/v1/projects", json={"name": "shop"}, headers=as_admin)
    assert (again.status_code, again.json()["code"]) == (409, "NAME_TAKEN")
    assert (await client.delete(path_of(project_id), headers=as_admin)).status_code == 204
    assert await create_project(client, as_admin, "shop") != project_id


async def test_of_two_projects_of_one_name_at_the_same_time_one_is_made(
    client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    both = [client.post("/v1/projects", json={"name": "twin"}, headers=as_admin) for _ in range(2)]
    assert sorted(answer.status_code for answer in await asyncio.gather(*both)) == [201, 409]


@pytest.mark.parametrize("name", ["", " shop", "shop ", "-", "a/b", "a\nb", "a\n", "naïve", "x" * 64, "semi;colon"])
async def test_a_name_that_needs_quoting_is_refused(
    client: httpx.AsyncClient, as_admin: dict[str, str], name: str
) -> None:
    answer = await client.post("/v1/projects", json={"name": name}, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")


@pytest.mark.parametrize("name", ["a", "A 1", "my-shop_2.0", "x" * 63])
async def test_plain_names_are_taken(client: httpx.AsyncClient, as_admin: dict[str, str], name: str) -> None:
    await create_project(client, as_admin, name)


async def test_a_key_bound_to_projects_makes_no_other_one(
    client: httpx.AsyncClient, key_factory: KeyFactory, project_id: UUID
) -> None:
    headers = bearer(await key_factory(Scope.PROJECTS_WRITE, projects=[project_id]))
    answer = await client.post("/v1/projects", json={"name": "other"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "PROJECT_FORBIDDEN")


async def test_a_key_sees_its_own_projects_only(
    client: httpx.AsyncClient, as_admin: dict[str, str], key_factory: KeyFactory, project_id: UUID
) -> None:
    other = await create_project(client, as_admin, "other")
    headers = bearer(await key_factory(Scope.PROJECTS_READ, Scope.PROJECTS_WRITE, projects=[project_id]))
    listed = await client.get("/v1/projects", headers=headers)
    assert [entry["name"] for entry in listed.json()["data"]] == ["shop"]
    for answer in (
        await client.get(path_of(other), headers=headers),
        await client.get(path_of(other) + "/environments", headers=headers),
        await client.patch(path_of(other), json={"name": "mine"}, headers=headers),
        await client.delete(path_of(other), headers=headers),
        await client.get(path_of(new_id()), headers=headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_projects_come_in_pages_newest_first(client: httpx.AsyncClient, as_admin: dict[str, str]) -> None:
    for number in range(5):
        await create_project(client, as_admin, f"project {number}")
    names: list[str] = []
    page: dict[str, Any] = {"has_more": True}
    while page["has_more"]:
        cursor = f"&cursor={page['next_cursor']}" if names else ""
        page = (await client.get(f"/v1/projects?limit=2{cursor}", headers=as_admin)).json()
        names += [entry["name"] for entry in page["data"]]
    assert names == [f"project {number}" for number in (4, 3, 2, 1, 0)]


async def test_a_change_needs_the_current_tag_when_it_names_one(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    path = path_of(project_id)
    tag = (await client.get(path, headers=as_admin)).headers["etag"]
    first = await client.patch(path, json={"name": "first"}, headers=as_admin | {"If-Match": tag})
    assert (first.status_code, first.json()["name"]) == (200, "first")
    late = await client.patch(path, json={"name": "late"}, headers=as_admin | {"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "PRECONDITION_FAILED")
    assert late.json()["current_etag"] == late.headers["etag"] == first.headers["etag"]
    unconditional = await client.patch(path, json={"name": "last"}, headers=as_admin)
    assert unconditional.status_code == 200


async def test_an_unchanged_project_is_not_sent_again(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    tag = (await client.get(path_of(project_id), headers=as_admin)).headers["etag"]
    again = await client.get(path_of(project_id), headers=as_admin | {"If-None-Match": f'"0", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


async def test_a_rename_onto_another_project_is_refused(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    await create_project(client, as_admin, "other")
    answer = await client.patch(path_of(project_id), json={"name": "other"}, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "NAME_TAKEN")


async def test_a_project_with_a_database_stays(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    await add_database(runtime, project_id)
    answer = await client.delete(path_of(project_id), headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (409, HasDependents.code)
    assert answer.json()["dependents"] == {"databases": 1, "locations": 0, "railway_connections": 0}


async def test_a_deleted_project_is_gone_with_its_environments(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    environments = path_of(project_id) + "/environments"
    environment = (await client.get(environments, headers=as_admin)).json()["data"][0]["id"]
    assert (await client.delete(path_of(project_id), headers=as_admin)).status_code == 204
    for path in (path_of(project_id), environments, f"{environments}/{environment}"):
        assert (await client.get(path, headers=as_admin)).status_code == 404


async def test_environments_are_made_changed_and_removed(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    wish = {"name": "staging", "kind": "staging"}
    made = await client.post(path_of(project_id) + "/environments", json=wish, headers=as_admin)
    assert made.status_code == 201
    path = made.headers["location"]
    assert (await client.get(path, headers=as_admin | {"If-None-Match": made.headers["etag"]})).status_code == 304
    assert (await client.get(path, headers=as_admin)).json() == made.json()
    changed = await client.patch(
        path, json={"kind": "development"}, headers=as_admin | {"If-Match": made.headers["etag"]}
    )
    assert (changed.json()["name"], changed.json()["kind"]) == ("staging", "development")
    taken = await client.patch(path, json={"name": "production"}, headers=as_admin)
    assert (taken.status_code, taken.json()["code"]) == (409, "NAME_TAKEN")
    again = await client.post(path_of(project_id) + "/environments", json=wish, headers=as_admin)
    assert (again.status_code, again.json()["code"]) == (409, "NAME_TAKEN")
    assert (await client.delete(path, headers=as_admin)).status_code == 204
    assert (await client.get(path, headers=as_admin)).status_code == 404


async def test_an_environment_with_a_database_stays(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    database = await add_database(runtime, project_id)
    path = f"{path_of(project_id)}/environments/{encode_id('env', database.environment_id)}"
    answer = await client.delete(path, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "HAS_DEPENDENTS")


async def test_environments_come_in_pages(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID
) -> None:
    path = path_of(project_id) + "/environments"
    await client.post(path, json={"name": "staging", "kind": "staging"}, headers=as_admin)
    first = (await client.get(f"{path}?limit=1", headers=as_admin)).json()
    second = (await client.get(f"{path}?limit=1&cursor={first['next_cursor']}", headers=as_admin)).json()
    assert [page["data"][0]["name"] for page in (first, second)] == ["staging", "production"]


async def test_every_change_leaves_a_trail(
    client: httpx.AsyncClient, as_admin: dict[str, str], project_id: UUID, runtime: Runtime
) -> None:
    made = await client.post(
        path_of(project_id) + "/environments", json={"name": "dev", "kind": "development"}, headers=as_admin
    )
    await client.patch(made.headers["location"], json={"name": "dev 2"}, headers=as_admin)
    await client.delete(made.headers["location"], headers=as_admin)
    await client.patch(path_of(project_id), json={"name": "renamed"}, headers=as_admin)
    await client.delete(path_of(project_id), headers=as_admin)
    async with runtime.sessions() as session:
        trail = (await session.exec(select(AuditEvent.action).order_by(col(AuditEvent.id)))).all()
    assert [action for action in trail if "key" not in action] == [
        "create_project",
        "create_environment",
        "update_environment",
        "delete_environment",
        "update_project",
        "delete_project",
    ]


async def test_a_repeated_creation_gets_the_first_answer(client: httpx.AsyncClient, as_admin: dict[str, str]) -> None:
    headers = as_admin | {"Idempotency-Key": "one"}
    first, second = [await client.post("/v1/projects", json={"name": "once"}, headers=headers) for _ in range(2)]
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second.headers["idempotency-replayed"] == "true"
