import os
import stat

import pytest

from app.postgres import server_user as users
from app.postgres.errors import ClusterFailed
from app.postgres.server_user import ServerUser, server_user


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "allowed"),
    [(0o711, 1, 1, True), (0o710, 1, 1, False), (0o710, 1, 0, True), (0o610, 0, 0, False), (0o100, 0, 1, True)],
)
def test_a_folder_is_entered_by_the_first_class_that_fits(mode: int, uid: int, gid: int, allowed: bool) -> None:
    user = ServerUser("someone", uid, gid)
    found = os.stat_result((stat.S_IFDIR | mode, 0, 0, 1, 0, 0, 0, 0, 0, 0))
    assert user._may_enter(found) is allowed


def test_the_servers_user_is_the_named_one_else_a_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    found = server_user()
    assert found
    assert found.name == "postgres"
    assert server_user("nobody") == ServerUser("nobody", 65534, 65534)
    monkeypatch.setattr(users, "_USUAL", ("not-there", "nobody"))
    fallback = server_user()
    assert fallback
    assert fallback.name == "nobody"
    with pytest.raises(ClusterFailed, match="no user not-there"):
        server_user("not-there")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert server_user() is None
