"""Roles by PUT: made, changed, repeated, refused, repaired, and what is on record of them."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlmodel import select

from app.auth.models import AuditEvent
from app.auth.scopes import PRESETS, Preset, Scope
from app.connections.models import Login, LoginState
from app.databases.models import Database
from app.kit.ids import encode_id
from app.postgres import role_making
from app.postgres.presets import Aim, RolePreset
from app.postgres.role_facts import role
from app.postgres.role_making import make
from app.postgres.role_removal import remove
from app.postgres.role_wishes import RoleWish
from app.postgres.scram import is_verified_by
from app.roles.models import ManagedRole
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.databases.records import create_project
from tests.planted import plant
from tests.roles.conftest import Call, Shop, at

DOCUMENTATION = Path(__file__).parents[2] / "docs/roles.md"

Passwords = Callable[[str], Awaitable[SecretStr]]


async def logins(runtime: Runtime) -> list[Login]:
    async with runtime.sessions() as session:
        return list((await session.exec(select(Login))).all())


async def test_a_login_gets_a_password_that_is_on_record_and_not_in_the_answer(
    shop: Shop, call: Call, password_of: Passwords, runtime: Runtime
) -> None:
    name = shop.name("app")
    made = await call("PUT", at(name), {"connection_limit": 5, "settings": {"statement_timeout": "7s"}}, expect=201)
    password = await password_of(name)
    assert password.get_secret_value() not in made.text
    kept = await shop.value("SELECT rolpassword FROM pg_authid WHERE rolname = $1", name)
    assert is_verified_by(password, kept)
    async with shop.session(name, password) as session:
        assert await session.fetchval("SHOW statement_timeout") == "30s"  # what the session itself asks for goes first
    view = (await call("GET", at(name))).json()
    assert (view["connection_limit"], view["password"], view["login"]) == (5, "scram", True)
    assert view["settings"] == [{"logical_database": None, "name": "statement_timeout", "value": "7s"}]
    (login,) = await logins(runtime)
    assert (login.state, login.next_password_sealed) == (LoginState.CURRENT, None)
    async with runtime.sessions() as session:
        trail = (await session.exec(select(AuditEvent).where(AuditEvent.action == "set_role"))).all()
    assert [event.details["has_new_password"] for event in trail] == [True]


async def test_the_same_wish_again_changes_nothing_and_another_changes_what_differs(
    shop: Shop, call: Call, password_of: Passwords
) -> None:
    name = shop.name("app")
    wish: dict[str, Any] = {"preset": "write", "settings": {"search_path": 'shop, "$user"', "lock_timeout": "5s"}}
    await call("PUT", at(name), wish, expect=201)
    password = await password_of(name)
    assert (await call("PUT", at(name), wish)).json()["statements"] == []
    narrower = {"preset": "read", "schemas": ["shop"], "settings": {"lock_timeout": "9s"}, "login": False}
    changed = (await call("PUT", at(name), narrower)).json()
    sql = " ; ".join(one["sql"] for one in changed["statements"])
    assert "REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA" in sql
    assert f'ALTER ROLE "{name}" RESET "search_path"' in sql
    assert {(point["kind"], point["what"]) for point in changed["extra"]} >= {
        ("attribute", "LOGIN"),
        ("setting", "search_path"),
    }
    view = (await call("GET", at(name))).json()
    assert (view["login"], view["settings"]) == (
        False,
        [{"logical_database": None, "name": "lock_timeout", "value": "9s"}],
    )
    assert await password_of(name) == password  # it is disabled, and comes back as it was
    await call("PUT", at(name), narrower | {"login": True})
    async with shop.session(name, password) as session:
        assert await session.fetchval("SELECT count(*) FROM shop.item") == 1


async def test_a_preset_on_a_schema_that_does_not_exist_does_nothing(shop: Shop, call: Call, runtime: Runtime) -> None:
    name = shop.name("app")
    refused = await call("PUT", at(name), {"preset": "read", "schemas": ["shop", "shup"]}, expect=422)
    assert (refused.json()["code"], refused.json()["schemas"]) == ("SCHEMA_MISSING", ["shup"])
    await call("GET", at(name), expect=404)
    assert await logins(runtime) == []


async def test_what_cannot_be_is_refused_by_its_name(shop: Shop, call: Call) -> None:
    wishes: list[tuple[dict[str, Any], int, str]] = [
        ({"preset": "migrate"}, 409, "OWNER_IS_SUPERUSER"),  # the schema other and its table are the superuser's
        ({"preset": "read", "owners": ["nobody_there"]}, 422, "ROLE_MISSING"),
        ({"member_of": ["nobody_there"]}, 422, "ROLE_MISSING"),
        ({"settings": {"statement_timeout": "soon"}}, 422, "SETTING_INVALID"),
        ({"settings": {"no_such_thing": "1"}}, 422, "SETTING_INVALID"),
        ({"settings": {"role": "postgres"}}, 422, "VALIDATION_FAILED"),
        ({"preset": "read", "logical_databases": ["nowhere_there"]}, 422, "DATABASE_ABSENT"),
        ({"schemas": ["a\0b"]}, 422, "VALIDATION_FAILED"),
    ]
    for wish, status, code in wishes:
        refused = await call("PUT", at(shop.name("app")), wish, expect=status)
        assert refused.json()["code"] == code
    await call("GET", at(shop.name("app")), expect=404)
    for name in ("", "x" * 64, "a%00b"):
        refused = await call("PUT", f"/roles/{name}", {}, expect=422)
        assert refused.json()["errors"][0]["pointer"] == "{name}"


async def test_names_that_mean_something_already_are_left_alone(shop: Shop, call: Call) -> None:
    boss = shop.name("boss")
    await shop.execute(f"CREATE ROLE {boss} SUPERUSER")
    for name in ("postgres", "pg_monitor", "public", "pgm_pooler", "tmp_00000000000000000000000000", boss):
        for method in ("PUT", "DELETE"):
            refused = await call(method, at(name), {} if method == "PUT" else None, expect=409)
            assert refused.json()["code"] == "ROLE_RESERVED"


async def test_a_role_that_others_made_keeps_its_password_unless_it_is_to_get_another(
    shop: Shop, call: Call, password_of: Passwords, runtime: Runtime
) -> None:
    name = shop.name("theirs")
    password = plant("a password that others chose", "an-old-password")
    await shop.execute(f"SET password_encryption = 'md5'; CREATE ROLE {name} LOGIN CREATEDB PASSWORD '{password}'")
    view = (await call("GET", at(name))).json()
    assert (view["kind"], view["password"], view["powers"]) == (None, "md5", ["CREATEDB"])
    assert "MD5" in view["warnings"][0]
    taken = (await call("PUT", at(name), {"preset": "read"})).json()
    assert (taken["role"]["state"], taken["role"]["powers"], taken["role"]["kind"]) == ("current", [], None)
    assert await logins(runtime) == []
    assert str(await shop.value("SELECT rolpassword FROM pg_authid WHERE rolname = $1", name)).startswith("md5")
    reset = (await call("PUT", at(name), {"preset": "read", "reset_password": True})).json()
    assert (reset["role"]["password"], reset["role"]["kind"]) == ("scram", "role")
    first = await password_of(name)
    await call("PUT", at(name), {"preset": "read", "reset_password": True})
    assert await password_of(name) != first
    async with shop.session(name, await password_of(name)) as session:
        assert await session.fetchval("SELECT 1") == 1


async def test_a_change_that_was_killed_is_finished_by_the_same_request(
    shop: Shop, call: Call, password_of: Passwords, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the server, between its two transactions, and before our own last one."""
    name, wish = shop.name("app"), {"preset": "write"}
    for place in ("_change", "_grant"):
        with monkeypatch.context() as patch:
            patch.setattr(role_making, place, _killed)
            with pytest.raises(asyncio.CancelledError):
                await call("PUT", at(name), wish)
    (login,) = await logins(runtime)
    assert (login.state, login.password_sealed) == (LoginState.PENDING, None)
    done = (await call("PUT", at(name), wish)).json()
    assert done["role"]["state"] == "current"
    (again,) = await logins(runtime)
    assert (again.id, again.state, again.next_password_sealed) == (login.id, LoginState.CURRENT, None)
    async with shop.session(name, await password_of(name)) as session:
        await session.execute("INSERT INTO shop.item (name) VALUES ('x')")


async def _killed(*_: object) -> None:
    raise asyncio.CancelledError


async def test_two_who_make_the_same_role_at_once_agree_on_its_password(
    shop: Shop, call: Call, password_of: Passwords, runtime: Runtime
) -> None:
    name = shop.name("app")
    path = at(name)
    client_calls = [_any_status(call, path) for _ in range(2)]
    assert set(await asyncio.gather(*client_calls)) <= {200, 201}
    assert len(await logins(runtime)) == 1
    async with shop.session(name, await password_of(name)) as session:
        assert await session.fetchval("SELECT count(*) FROM shop.item") == 1


async def _any_status(call: Call, path: str) -> int:
    for expect in (201, 200):
        try:
            return (await call("PUT", path, {"preset": "read"}, expect=expect)).status_code
        except AssertionError:
            continue
    raise AssertionError(path)


async def test_a_repetition_with_the_same_key_gets_the_first_answer(shop: Shop, call: Call) -> None:
    name, once = shop.name("app"), {"Idempotency_Key": "once"}
    first = await call("PUT", at(name), {"preset": "read"}, expect=201, **once)
    again = await call("PUT", at(name), {"preset": "read"}, expect=201, **once)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")


async def test_a_tag_guards_against_a_change_meanwhile(shop: Shop, call: Call) -> None:
    name = shop.name("app")
    await call("PUT", at(name), {"login": False}, expect=201)
    read = await call("GET", at(name))
    tag = read.headers["etag"]
    assert (await call("GET", at(name), expect=304, If_None_Match=tag)).content == b""
    await call("PUT", at(name), {"login": False, "connection_limit": 3}, If_Match=tag)
    late = await call("PUT", at(name), {"login": False}, expect=412, If_Match=tag)
    assert late.json()["code"] == "PRECONDITION_FAILED"


async def test_groups_have_members_and_lists_come_in_pages(shop: Shop, call: Call) -> None:
    group, member = shop.name("g"), shop.name("m")
    await call("PUT", at(group), {"login": False, "preset": "read"}, expect=201)
    await call("PUT", at(member), {"member_of": [group]}, expect=201)
    assert (await call("GET", at(group))).json()["members"] == [member]
    assert (await call("GET", at(member))).json()["member_of"] == [group]
    await call("PUT", at(member), {"member_of": []})
    found: list[str] = []
    cursor = ""
    while True:
        page = (await call("GET", f"/roles?limit=2{cursor}")).json()
        found += [entry["name"] for entry in page["data"]]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert {group, member, "postgres"} <= set(found)
    assert found == sorted(found, key=str.encode)
    view = (await call("GET", at(member))).json()
    assert view["member_of"] == []


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: len(name.encode()) <= 40
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES)
async def test_names_may_hold_whatever_the_server_takes(shop: Shop, name: str) -> None:
    full = f"{shop.prefix}{name}"
    aim = Aim(RolePreset.READ, ("shop",), (shop.owner,))
    await make(shop.target, RoleWish(full, login=True, aim=aim, logical_databases=(shop.target.database,)))
    async with shop.session() as session:
        assert await role(session, full) is not None
    assert (await remove(shop.target, full, successor=None, terminate=False)).was_there


async def test_a_name_with_everything_in_it_is_made_used_and_dropped(
    shop: Shop, call: Call, password_of: Passwords
) -> None:
    for name in ('Robert"); DROP ROLE x; --', "rôle/é\\' 🐘", "a/privileges"):
        full = f"{shop.prefix}{name}"
        await call("PUT", at(full), {"preset": "write", "schemas": ["shop"]}, expect=201)
        async with shop.session(full, await password_of(full)) as session:
            await session.execute("INSERT INTO shop.item (name) VALUES ('x')")
        await call("DELETE", f"{at(full)}?terminate=true", expect=204)


async def test_what_the_documentation_shows_is_what_is_taken(shop: Shop, call: Call) -> None:
    shown = re.findall(
        r'^api (?:-X (\w+) )?"\$PGM_URL/v1/databases/\$database([^"]+)".*?-d \'([^\']+)\'',
        DOCUMENTATION.read_text(),
        re.DOTALL | re.MULTILINE,
    )
    assert [(method, where) for method, where, _ in shown] == [
        ("PUT", "/roles/reporting"),
        ("", "/temporary-credentials"),
    ]
    for method, where, body in shown:
        await call(method or "POST", where.replace("reporting", shop.name("reporting")), json.loads(body), expect=201)


async def test_a_database_of_another_project_has_no_roles(
    client: httpx.AsyncClient, as_admin: dict[str, str], path: str, key_factory: KeyFactory
) -> None:
    other = await create_project(client, as_admin, "other")
    headers = bearer(await key_factory(*PRESETS[Preset.ADMIN], projects=[other]))
    wish = {"ttl_seconds": 60, "reason": "x"}
    for method, where, body in (
        ("GET", "/roles", None),
        ("GET", "/roles/postgres", None),
        ("GET", "/roles/postgres/privileges", None),
        ("PUT", "/roles/x", {}),
        ("POST", "/roles/x:repair", None),
        ("DELETE", "/roles/x", None),
        ("GET", "/temporary-credentials", None),
        ("POST", "/temporary-credentials", wish),
        ("DELETE", f"/temporary-credentials/{encode_id('crd', other)}", None),
    ):
        refused = await client.request(method, f"{path}{where}", json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (404, "NOT_FOUND"), (method, where)


async def test_reading_roles_does_not_let_anybody_change_them(
    client: httpx.AsyncClient, path: str, key_factory: KeyFactory, database: Database, runtime: Runtime
) -> None:
    headers = bearer(await key_factory(Scope.ROLES_READ))
    assert (await client.get(f"{path}/roles", headers=headers)).status_code == 200
    for method in ("PUT", "DELETE"):
        refused = await client.request(method, f"{path}/roles/x", json={} if method == "PUT" else None, headers=headers)
        assert (refused.status_code, refused.json()["required_scope"]) == (403, "roles:write")
    async with runtime.sessions() as session:
        assert (await session.exec(select(ManagedRole))).all() == []
