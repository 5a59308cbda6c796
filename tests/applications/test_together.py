"""What other parts of the service make of an application."""

from urllib.parse import quote

from app.connections.models import LoginState
from tests.applications.conftest import Shop, working


async def test_after_a_rotation_hardening_changes_no_login(shop: Shop) -> None:
    async with working(shop.runtime):
        await shop.hardened()
        before = await shop.current()
        accepted = await shop.call(
            "POST", f"/roles/{quote(shop.name)}:rotate", {"strategy": "overlap", "grace_seconds": 0}, expect=202
        )
        job = await shop.ended(accepted)
        assert job["state"] == "succeeded", job["error"]
        after = await shop.current()
        assert (before.user, after.user) == (f"{shop.name}_a", f"{shop.name}_b")
        assert (await shop.hardened())["role"] == after.user
    assert await shop.current() == after
    assert [login.state for login in await shop.logins()] == [LoginState.DISABLED, LoginState.CURRENT]
    async with shop.application() as session:
        await session.execute("CREATE TABLE own (id int); DROP TABLE own, customer")
