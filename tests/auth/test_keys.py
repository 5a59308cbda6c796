from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from app.auth.authenticator import Authenticator
from app.auth.models import ApiKey
from app.auth.scopes import PRESETS, SENSITIVE, Preset, Scope
from app.kit import api_keys
from app.kit.ids import decode_id, encode_id, new_id
from app.runtime import Runtime
from tests.control import KeyFactory, bearer

FIRST, SECOND = new_id(), new_id()


async def make(client: httpx.AsyncClient, headers: dict[str, str], **wish: object) -> httpx.Response:
    return await client.post("/v1/api-keys", json={"name": "made", "scopes": ["jobs:read"], **wish}, headers=headers)


async def test_a_made_key_works_and_its_secret_is_shown_once(
    client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    made = await make(client, as_admin)
    assert made.status_code == 201
    secret, location = made.json()["secret"], made.headers["location"]
    assert (await client.get("/v1/whoami", headers=bearer(secret))).json()["name"] == "made"
    read = await client.get(location, headers=as_admin)
    assert read.status_code == 200
    assert read.json() == {key: value for key, value in made.json().items() if key not in ("secret", "withheld")}
    assert secret.endswith(read.json()["last4"])


async def test_a_key_expires_after_90_days_unless_asked_otherwise(
    client: httpx.AsyncClient, as_admin: dict[str, str]
) -> None:
    usual = (await make(client, as_admin)).json()
    lasts = datetime.fromisoformat(usual["expires_at"]) - datetime.fromisoformat(usual["created_at"])
    assert abs(lasts - timedelta(days=90)) < timedelta(seconds=5)
    assert (await make(client, as_admin, expires_in_days=None)).json()["expires_at"] is None


async def test_a_key_makes_only_keys_within_its_scopes(client: httpx.AsyncClient, key_factory: KeyFactory) -> None:
    maker = bearer(await key_factory(Scope.KEYS_WRITE, Scope.JOBS_READ))
    assert (await make(client, maker)).status_code == 201
    refused = await make(client, maker, scopes=["jobs:read", "jobs:write"])
    assert (refused.status_code, refused.json()["code"]) == (403, "RIGHTS_EXCEEDED")
    assert refused.json()["lacking"] == ["jobs:write"]


async def test_a_key_makes_only_keys_within_its_projects(client: httpx.AsyncClient, key_factory: KeyFactory) -> None:
    maker = bearer(await key_factory(Scope.KEYS_WRITE, Scope.JOBS_READ, projects=[FIRST]))
    inherited = await make(client, maker)
    assert inherited.json()["project_ids"] == [encode_id("prj", FIRST)]
    same = await make(client, maker, project_ids=[encode_id("prj", FIRST)])
    assert same.status_code == 201
    refused = await make(client, maker, project_ids=[encode_id("prj", SECOND)])
    assert (refused.status_code, refused.json()["code"]) == (403, "RIGHTS_EXCEEDED")


async def test_a_key_of_one_project_sees_only_keys_of_that_project(
    client: httpx.AsyncClient, key_factory: KeyFactory, as_admin: dict[str, str]
) -> None:
    own = (await make(client, as_admin, project_ids=[encode_id("prj", FIRST)])).json()["id"]
    wider = (await make(client, as_admin, project_ids=[encode_id("prj", FIRST), encode_id("prj", SECOND)])).json()["id"]
    everywhere = (await make(client, as_admin)).json()["id"]
    reader = bearer(await key_factory(Scope.KEYS_READ, projects=[FIRST]))
    listed = {key["id"] for key in (await client.get("/v1/api-keys", headers=reader)).json()["data"]}
    assert own in listed
    assert not {wider, everywhere} & listed
    assert (await client.get(f"/v1/api-keys/{own}", headers=reader)).status_code == 200
    for hidden in (wider, everywhere, encode_id("key", new_id())):
        assert (await client.get(f"/v1/api-keys/{hidden}", headers=reader)).status_code == 404


async def test_pages_show_every_key_once_newest_first(
    client: httpx.AsyncClient, as_admin: dict[str, str], key_factory: KeyFactory
) -> None:
    for _ in range(6):
        await key_factory(Scope.JOBS_READ)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        parameters = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/api-keys", params=parameters, headers=as_admin)).json()
        seen += [key["id"] for key in page["data"]]
        cursor = page["next_cursor"]
        assert page["has_more"] == (cursor is not None)
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)


async def test_a_cursor_of_another_list_is_refused(
    client: httpx.AsyncClient, as_admin: dict[str, str], key_factory: KeyFactory
) -> None:
    await key_factory(Scope.JOBS_READ)
    cursor = (await client.get("/v1/api-keys?limit=1", headers=as_admin)).json()["next_cursor"]
    answer = await client.get("/v1/audit-events", params={"cursor": cursor}, headers=as_admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_INVALID")


async def test_a_revoked_key_stops_working_at_once(client: httpx.AsyncClient, as_admin: dict[str, str]) -> None:
    made = (await make(client, as_admin)).json()
    for _ in range(2):  # revoking twice is no error
        assert (await client.delete(f"/v1/api-keys/{made['id']}", headers=as_admin)).status_code == 204
    answer = await client.get("/v1/whoami", headers=bearer(made["secret"]))
    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_REVOKED")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (await client.get(f"/v1/api-keys/{made['id']}", headers=as_admin)).json()["revoked_at"] is not None


async def test_an_expired_key_says_so(client: httpx.AsyncClient, key_factory: KeyFactory) -> None:
    key = await key_factory(Scope.JOBS_READ, expires_in_days=-1)
    answer = await client.get("/v1/whoami", headers=bearer(key))
    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_EXPIRED")


@pytest.mark.parametrize("header", ["", "Basic dXNlcjpwYXNz", "Bearer", "Bearer "])
async def test_without_a_bearer_key_the_answer_is_key_missing(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/v1/whoami", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_MISSING")


@pytest.mark.parametrize("form", ["nonsense", "mistyped", "of another installation"])
async def test_a_key_that_was_not_made_here_is_invalid(client: httpx.AsyncClient, form: str) -> None:
    foreign = api_keys.mint().text.get_secret_value()
    mistyped = foreign[:-1] + ("0" if foreign[-1] != "0" else "1")
    key = {"nonsense": "nonsense!", "mistyped": mistyped}.get(form, foreign)
    answer = await client.get("/v1/whoami", headers=bearer(key))
    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_INVALID")
    assert key not in answer.text


async def test_the_right_id_with_another_secret_is_invalid(client: httpx.AsyncClient, admin_key: str) -> None:
    other = api_keys.mint().text.get_secret_value()
    prefix, key_id, _ = admin_key.split("_")
    forged = f"{prefix}_{key_id}_{other.split('_')[2][:43]}"
    forged += api_keys._checksum(forged)
    answer = await client.get("/v1/whoami", headers=bearer(forged))
    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_INVALID")


async def test_a_missing_scope_is_named(client: httpx.AsyncClient, key_factory: KeyFactory) -> None:
    answer = await client.get("/v1/api-keys", headers=bearer(await key_factory(Scope.JOBS_READ)))
    assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_MISSING")
    assert answer.json()["required_scope"] == "keys:read"


async def test_the_last_use_is_written_beside_the_requests(
    client: httpx.AsyncClient, admin_key: str, runtime: Runtime, app_authenticator: Authenticator
) -> None:
    key_id = decode_id("pgm", admin_key.rpartition("_")[0])
    for _ in range(3):
        await client.get("/v1/whoami", headers=bearer(admin_key))
    await app_authenticator.flush()
    first = await last_use(runtime, key_id)
    assert first is not None
    assert abs(datetime.now(UTC) - first) < timedelta(minutes=1)
    # Within a minute the next use is not worth a write.
    await client.get("/v1/whoami", headers=bearer(admin_key))
    await app_authenticator.flush()
    assert await last_use(runtime, key_id) == first


async def last_use(runtime: Runtime, key_id: UUID) -> datetime | None:
    async with runtime.sessions() as session:
        return (await session.exec(select(ApiKey.last_used_at).where(ApiKey.id == key_id))).one()


def test_only_the_admin_preset_has_sensitive_scopes() -> None:
    assert PRESETS[Preset.ADMIN] == set(Scope)
    assert not PRESETS[Preset.OPERATOR] & SENSITIVE
    assert not PRESETS[Preset.READ_ONLY] & SENSITIVE
    assert all(scope.endswith(":read") for scope in PRESETS[Preset.READ_ONLY])
