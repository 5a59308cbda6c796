import os
from pathlib import Path

from app.postgres.postmaster import Postmaster, reap


def test_an_unfinished_pid_file_is_none(tmp_path: Path) -> None:
    for text in ("", "abc\n"):
        (tmp_path / "postmaster.pid").write_text(text)
        assert Postmaster.of(tmp_path) is None


def test_a_process_that_is_not_our_server_is_not_reaped() -> None:
    assert not reap(os.getpid())
