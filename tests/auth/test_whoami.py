import httpx

from app.auth.scopes import Scope
from tests.control import KeyFactory, bearer


async def test_a_key_is_told_its_own_rights(client: httpx.AsyncClient, key_factory: KeyFactory) -> None:
    key = await key_factory(Scope.JOBS_READ)
    answer = await client.get("/v1/whoami", headers=bearer(key))
    assert answer.status_code == 200
    assert answer.json()["scopes"] == ["jobs:read"]
    assert answer.json()["project_ids"] is None


async def test_no_key_answers_401_with_a_challenge(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/whoami")
    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_MISSING")
    assert answer.headers["www-authenticate"].startswith("Bearer")
