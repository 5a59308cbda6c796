"""What `scripts/install` says when something is missing: fast, with status 2, and with the way out."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65534
needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become somebody else, and has servers run by one"
)


@pytest.fixture
def checkout(server_directory: Path) -> Path:
    """What a fresh clone has, as far as installing looks at it, where anybody may enter."""
    checkout = server_directory / f"checkout-{os.urandom(3).hex()}"
    shutil.copytree(ROOT / "scripts", checkout / "scripts")
    for name in ("pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, checkout)
    for path in (checkout, *checkout.rglob("*")):
        os.chown(path, NOBODY if os.geteuid() == 0 else -1, -1)
    return checkout


def programs_without(folder: Path, *missing: str) -> str:
    """A PATH with everything that this machine has but ``missing``."""
    folder.mkdir()
    for source in (Path("/usr/bin"), Path("/usr/sbin")):
        for program in source.iterdir():
            if program.name not in missing and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return str(folder)


def test_a_missing_component_is_named_with_its_apt_line_within_seconds(checkout: Path, server_directory: Path) -> None:
    path = programs_without(server_directory / f"programs-{checkout.name}", "age", "jq")
    began = time.monotonic()
    done = subprocess.run(
        [checkout / "scripts" / "install", "--tests"],
        env={"PATH": path, "HOME": str(checkout)},
        user=NOBODY if os.geteuid() == 0 else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert "sudo apt-get install --yes --no-install-recommends age jq" in done.stderr
    assert time.monotonic() - began < 30
    assert not (checkout / ".venv").exists()


@needs_root
def test_a_folder_that_the_servers_user_cannot_enter_is_named(checkout: Path) -> None:
    closed = checkout.parent / f"closed-{checkout.name}"
    closed.mkdir(mode=0o700)
    inside = closed / "clone"
    shutil.move(checkout, inside)
    done = subprocess.run(
        [inside / "scripts" / "install"],
        env={"PATH": os.environ["PATH"], "HOME": str(inside)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert f"chmod o+x {closed}" in done.stderr
