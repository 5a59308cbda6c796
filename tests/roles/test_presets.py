"""What each preset lets a login do and what not, tried by the login itself."""

from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from tests.roles.conftest import Call, Shop, at, may

Passwords = Callable[[str], Awaitable[SecretStr]]

READ = "SELECT * FROM shop.item"
READ_VIEW = "SELECT * FROM shop.names"
WRITE = "INSERT INTO shop.item (name) VALUES ('x')"
CHANGE = "ALTER TABLE shop.item ADD COLUMN more text"
MAKE = "CREATE TABLE shop.mine (id integer)"
READ_OTHER = "SELECT * FROM other.secret"
EVERYTHING = (READ, READ_VIEW, WRITE, CHANGE, MAKE, READ_OTHER)

MAY = {
    "read": {READ, READ_VIEW},
    "write": {READ, READ_VIEW, WRITE},
    "migrate": {READ, READ_VIEW, WRITE, CHANGE, MAKE},
    "monitor": {READ, READ_VIEW, READ_OTHER},
    "owner": {READ, READ_VIEW, WRITE, CHANGE, MAKE},
}


async def test_a_preset_lets_its_login_do_what_it_says_and_nothing_else(
    shop: Shop, call: Call, password_of: Passwords
) -> None:
    for preset, allowed in MAY.items():  # the owner last, who takes all from the one before
        name, later = shop.name(preset), f"shop.later_{preset}"
        wish = {"preset": preset, "schemas": ["shop"], "owners": [shop.owner]}
        tried = (await call("PUT", f"{at(name)}?dry_run=true", wish, expect=201)).json()
        assert await shop.value("SELECT count(*) FROM pg_roles WHERE rolname = $1", name) == 0
        assert tried["statements"][0]["sql"].startswith("CREATE ROLE")
        made = (await call("PUT", at(name), wish, expect=201)).json()
        assert made["statements"] == tried["statements"]
        assert (made["role"]["state"], made["role"]["kind"], made["warnings"]) == ("current", "role", [])
        await shop.execute(f'SET ROLE "{name if preset == "owner" else shop.owner}"; CREATE TABLE {later} (id serial)')
        async with shop.session(name, await password_of(name)) as session:
            assert {sql for sql in EVERYTHING if await may(session, sql)} == allowed
            assert await may(session, f"SELECT * FROM {later}")
            assert await may(session, f"INSERT INTO {later} DEFAULT VALUES") == (WRITE in allowed)
            assert await may(session, f"SELECT last_value FROM {later}_id_seq")
        again = (await call("PUT", at(name), wish)).json()
        assert (again["statements"], again["is_new"]) == ([], False)
