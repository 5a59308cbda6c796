"""Every secret that the product handles during a test, looked for in every trace that the test leaves.

What counts as a secret is what the product itself seals, mints or is started with, so a new one is looked for without
being named here. A test that leaves one in the log, in a child's arguments or environment, in a row or in an answer
ends with an error that says what was found where.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.kit import api_keys
from app.kit.api_keys import MintedKey
from app.kit.sealing import KeyRing
from app.postgres.identifiers import literal
from tests.emptying import Connection

_LEAST_LENGTH = 12  # what tests call "secret" or "wrong" is a word of its own right elsewhere
# They get their settings by their environment, as do the callers that tests play; what they start must not.
_SERVICES = ("python", "bash", "node")

_secrets: dict[str, str] = {}
_lasting: dict[str, str] = {}
_leaks: list[str] = []


def plant(what: str, secret: str, *, for_session: bool = False) -> str:
    """From now until the end of the test, or of all tests, ``secret`` may be found nowhere."""
    if len(secret) >= _LEAST_LENGTH:
        (_lasting if for_session else _secrets)[secret] = what
    return secret


def leaks_in(text: str) -> list[str]:
    return sorted({what for secret, what in (_secrets | _lasting).items() if secret in text})


@pytest.fixture(scope="session", autouse=True)
def what_is_sealed_or_minted() -> Iterator[None]:
    seal, mint = KeyRing.seal, api_keys.mint

    def sealing(self: KeyRing, plaintext: bytes, *, context: str) -> bytes:
        plant(f"what is sealed as {context}", plaintext.decode(errors="replace"))
        return seal(self, plaintext, context=context)

    def minting() -> MintedKey:
        minted = mint()
        plant("an API key", minted.secret.get_secret_value())
        return minted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KeyRing, "seal", sealing)
        patch.setattr(api_keys, "mint", minting)
        yield


def _look_at_children(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook of the interpreter: sees each child before it starts, so none is too short-lived to be seen."""
    if event != "subprocess.Popen":
        return
    _, argv, _, environment = arguments
    # Most are started by setpriv, whose arguments end with the program itself.
    words = argv[argv.index("--") + 1 :] if argv and Path(str(argv[0])).name == "setpriv" and "--" in argv else argv
    name = Path(str(words[0])).name
    _leaks.extend(f"{what} is in an argument of {name}" for what in leaks_in(_text(argv)))
    if not name.startswith(_SERVICES):
        _leaks.extend(
            f"{what} is in the environment of {name}" for what in leaks_in(_text((environment or {}).values()))
        )


def _text(words: Iterable[object]) -> str:
    return "\0".join(word.decode(errors="replace") if isinstance(word, bytes) else str(word) for word in words)


sys.addaudithook(_look_at_children)


async def look_at_rows(session: Connection, tables: Sequence[str]) -> None:
    """Every row of ``tables``, which a control database has."""
    secrets = _secrets | _lasting
    rows = " UNION ALL ".join(
        f"SELECT {literal(table)} AS name, to_jsonb(t)::text AS line FROM {table} AS t" for table in tables
    )
    found = await session.fetch(
        f"SELECT DISTINCT name, secret FROM ({rows}) AS r JOIN unnest($1::text[]) AS secret ON strpos(line, secret) > 0",
        list(secrets),
    )
    _leaks.extend(f"{secrets[secret]} is in a row of {name}" for name, secret in found)


async def look_at_answer(answer: httpx.Response) -> None:
    """An answer of the API, unless the request was to hand out a secret. Streams tell what rows hold."""
    request = answer.request
    asked_for = "reveal=true" in request.url.query.decode() or (
        request.method == "POST"
        and "/roles/" not in request.url.path  # whose rotation tells nobody the password
        and (
            request.url.path.endswith(("/api-keys", "/hooks", ":rotate", "/temporary-credentials"))
            or _is_reveal_of_strings(request)
        )
    )
    if asked_for or answer.headers.get("content-type", "").startswith("text/event-stream"):
        return
    await answer.aread()
    _leaks.extend(f"{what} is in the answer to {request.method} {request.url.path}" for what in leaks_in(answer.text))


def _is_reveal_of_strings(request: httpx.Request) -> bool:
    return request.url.path.endswith("/connection-strings") and b'"reveal":true' in request.content


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """The last look, after the fixtures: at what was logged and printed."""
    report = yield
    if call.when == "teardown":
        printed = "\n".join(text for _, _, text in item._report_sections)
        found = sorted({*_leaks, *(f"{what} was logged or printed" for what in leaks_in(printed))})
        _leaks.clear()
        _secrets.clear()
        if found:
            report.outcome = "failed"  # type: ignore[attr-defined]  # the wrapped hook's report
            report.longrepr = "\n".join(["Secrets were left behind:", *found])  # type: ignore[attr-defined]  # the same
    return report
