"""The look-out for secrets sees one in each place: a check that cannot fail would prove nothing."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from app.kit import api_keys
from app.kit.sealing import KeyRing
from tests import planted
from tests.emptying import filled_tables

TESTS_OF_ONE_WHO_LOGS_A_SECRET = """
import sys
from tests.planted import plant

def test_that_logs_it():
    plant("the password", "correct horse battery staple")
    print("trying correct horse battery staple", file=sys.stderr)

def test_that_does_not():
    print("trying correct horse battery staple")
"""


@pytest.fixture
def secret() -> str:
    return planted.plant("the secret", secrets.token_urlsafe(16))


@pytest.fixture
def leaks() -> Iterator[list[str]]:
    """What was noticed; forgotten afterwards, since here it is meant."""
    yield planted._leaks
    planted._leaks.clear()


def test_what_is_sealed_and_minted_is_a_secret() -> None:
    KeyRing.parse(f"k:{KeyRing.generate_key()}").seal(b"a sealed password", context="here")
    assert planted.leaks_in("with a sealed password in it") == ["what is sealed as here"]
    assert planted.leaks_in(api_keys.mint().text.get_secret_value()) == ["an API key"]


def test_arguments_and_environments_of_children(secret: str, leaks: list[str]) -> None:
    subprocess.run(["/bin/true", secret], check=True, env={})
    subprocess.run(["/bin/true"], check=True, env={"PGPASSWORD": secret})
    assert leaks == ["the secret is in an argument of true", "the secret is in the environment of true"]


async def test_rows(secret: str, leaks: list[str], database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("CREATE TABLE note (text text)")
        await connection.execute("INSERT INTO note VALUES ($1)", f'{{"url": "postgresql://u:{secret}@h"}}')
        await planted.look_at_rows(connection, await filled_tables(connection))
        assert leaks == ["the secret is in a row of note"]
        await connection.execute("DROP TABLE note")
    finally:
        await connection.close()


async def test_answers_that_did_not_ask_for_it(secret: str, leaks: list[str]) -> None:
    for path in ("/v1/databases", "/v1/databases/x/variables?reveal=true"):
        request = httpx.Request("GET", f"http://api{path}")
        await planted.look_at_answer(httpx.Response(200, text=f"it is {secret}", request=request))
    assert leaks == ["the secret is in the answer to GET /v1/databases"]


def test_what_is_logged_and_printed(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS_OF_ONE_WHO_LOGS_A_SECRET)
    top = Path(__file__).parents[1]
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.planted",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:randomly",
            "-q",
            ".",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(top), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed, 1 error" in run.stdout
    assert "ERROR test_it.py::test_that_logs_it" in run.stdout
    assert "the password was logged or printed" in run.stdout
