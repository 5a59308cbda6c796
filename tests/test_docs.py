"""What the README and docs/ say of the API: every call exists, and every body is one that it takes.

The shell lines are read by bash itself, with a ``curl`` that writes down how it was called.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi._compat import ModelField
from fastapi.routing import APIRoute

from app.main import create_app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MENTION = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) ((?:/v1/|…/)(?:\{[^}]*\}|[^\s`'\",)|])*)(?:`? with `(\{.*?\})`)?")
ID = "0" * 26
URL = "http://service"
# What a reader has at hand before a page begins.
BEFORE = {
    "PGM_URL": URL,
    "PGM_KEY": "key",
    "PGM_DATABASE_URL": "postgresql:///empty",
    "project": f"prj_{ID}",
    "database": f"db_{ID}",
    "connection": f"rwc_{ID}",
    "railway_project": str(UUID(int=0)),
    "railway_environment": str(UUID(int=1)),
    **{f"S3_{name}": name for name in ("ENDPOINT", "BUCKET", "REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY")},
    **{f"MINIO_{name}": name for name in ("ENDPOINT", "BUCKET", "ACCESS_KEY", "SECRET_KEY")},
}
# One answer for all calls: whatever the pages read from theirs.
ANSWER = {
    "id": f"prj_{ID}",
    **{
        name: {"id": f"{prefix}_{ID}"}
        for name, prefix in {"database": "db", "job": "job", "restore": "rst", "export": "exp", "import": "imp"}.items()
    },
    "change": {"id": f"stc_{ID}"},
    "backups": [{"id": f"bak_{ID}"}],
    "data": [{"id": f"bak_{ID}", "options": {"tables": [], "exclude_tables": []}}],
    "result": {"snapshot": {"id": "a-snapshot"}},
    "root": {"fingerprint": "6f" * 32},
    "upload": {"parts": [{"url": "http://store/part"}]},
    "url": "http://store/file",
    "variables": {"DATABASE_URL": "postgresql:///railway"},
}
SHELL = r"""
set -u
curl() {
    local arguments; arguments=$(printf '%s\x1f' "$@")
    for word; do case $word in @*) arguments+="body"$'\x1f'"$(cat "${word#@}")"$'\x1f' ;; esac; done
    printf '%s\x1e' "$arguments" >> calls
    case " $* " in
        *' --head '* | *' --dump-header '*) echo 'ETag: "1"' ;;
        *) printf '%s\n' "$ANSWER" ;;
    esac
}
age-keygen() { echo age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z; }
age() { :; }; createdb() { :; }; gunzip() { :; }; pg_restore() { :; }; pgmanager() { echo told; }; psql() { :; }
echo 'a dump' > backup.sql.gz; touch key.txt
"""
TAKES_VALUE = {"-H", "-X", "-d", "--write-out", "--output", "--upload-file", "--dump-header", "--config"} | {
    f"--retry{ending}" for ending in ("", "-delay")
}


@dataclass
class Call:
    method: str = ""
    url: str = ""
    body: str | None = None
    headers: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        return self.url.removeprefix(URL).partition("?")[0]

    @property
    def query(self) -> set[str]:
        return {part.partition("=")[0] for part in self.url.partition("?")[2].split("&") if part}


def call_of(arguments: list[str]) -> Call:
    call, words = Call(), iter(arguments)
    for word in words:
        value = next(words) if word in TAKES_VALUE or word == "body" else ""
        match word:
            case "-X":
                call.method = value
            case "-H":
                call.headers.add(value.partition(":")[0].lower())
            case "-d" | "body":
                call.body = value
            case _ if not word.startswith("-"):
                call.url = word
    call.method = call.method or ("GET" if call.body is None else "POST")
    return call


@cache
def described() -> dict[str, Any]:
    document: dict[str, Any] = create_app().openapi()["paths"]
    return document


@cache
def bodies() -> dict[tuple[str, str], ModelField | None]:
    found = [route for route in create_app().routes if isinstance(route, APIRoute)]
    return {(method, route.path_format): route.body_field for route in found for method in route.methods or ()}


def templates(method: str, path: str) -> Iterator[str]:
    """The paths of the document that this may be; what begins with … is the end of one."""
    end = path.removeprefix("…")
    for template, operations in described().items():
        known = template if end == path else "/".join(["", *template.split("/")[-end.count("/") :]])
        if method.lower() in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/:]+", known), end):
            yield template


def what_is_wrong_with(call: Call) -> Iterator[str]:
    template = next(templates(call.method, call.path), None)
    if template is None:
        yield "there is no such operation"
        return
    taken = described()[template][call.method.lower()].get("parameters", [])
    yield from (f"no parameter {name}" for name in call.query - {one["name"] for one in taken if one["in"] == "query"})
    needed = {one["name"].lower() for one in taken if one["in"] == "header" and one["required"]} | {"authorization"}
    yield from (f"without {name}" for name in needed - call.headers)
    if call.body is not None and "content-type" not in call.headers:
        yield "without the type of its body"
    yield from what_is_wrong_with_body(call.method, template, call.body)


def what_is_wrong_with_body(method: str, template: str, body: str | None) -> Iterator[str]:
    expected = bodies()[method, template]
    if body is None or expected is None:
        if body not in {None, "{}"}:
            yield "it takes no body"
        elif expected and expected.field_info.is_required():
            yield "it needs a body"
        return
    try:
        given = json.loads(body)
    except ValueError as error:
        yield f"{error}: {body}"
    else:
        yield from (f"{error['loc']}: {error['msg']}" for error in expected.validate(given)[1])


def script_of(page: Path) -> str:
    blocks = re.findall(r"^ *```(?:bash|sh)\n(.*?)^ *```", page.read_text(), re.DOTALL | re.MULTILINE)
    return "\n".join(blocks)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_every_call_of_a_page_exists_and_takes_its_body(page: Path, tmp_path: Path) -> None:
    script = script_of(page)
    shell = await asyncio.create_subprocess_exec(
        *("bash", "-c", SHELL + script),
        env={"PATH": "/usr/bin:/bin", "ANSWER": json.dumps(ANSWER), **BEFORE},
        cwd=tmp_path,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaints = await shell.communicate(b"what is typed in\n")
    assert not re.findall(r".*(?:unbound variable|command not found|syntax error).*", complaints.decode())
    written = (tmp_path / "calls").read_text() if (tmp_path / "calls").exists() else ""
    calls = [call_of(one.split("\x1f")[:-1]) for one in written.split("\x1e")[:-1]]
    ours = [call for call in calls if call.url.startswith(f"{URL}/v1/")]
    wrong = [f"{call.method} {call.url}: {why}" for call in ours for why in what_is_wrong_with(call)]
    assert wrong == []
    # None was passed over: what stands in no block is not run, and each address of a block was called.
    assert (
        re.findall(r"^ *(?:curl|api) .*", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL), re.MULTILINE)
        == []
    )
    assert len(ours) >= script.count("/v1/") + script.count('"$at')


def test_every_call_that_is_named_exists() -> None:
    missing = [
        f"{page.name}: {method} {path} {body}"
        for page in PAGES
        for method, path, body in MENTION.findall(" ".join(page.read_text().split()))
        if not is_named_well(method, path, body)
    ]
    assert missing == []


def is_named_well(method: str, path: str, body: str) -> bool:
    address = path.partition("?")[0].rstrip(".,;:")
    return any(
        not body or not list(what_is_wrong_with_body(method, template, body)) for template in templates(method, address)
    )


def test_every_way_out_that_an_error_names_exists() -> None:
    missing = [
        f"{module.relative_to(ROOT)}: {method} {path}"
        for module in sorted((ROOT / "app").rglob("*.py"))
        for method, path, _ in MENTION.findall(" ".join(module.read_text().split()))
        if not is_named_well(method, path, "")
    ]
    assert missing == []


def test_every_link_of_the_documents_leads_somewhere() -> None:
    lost = [
        f"{page.name}: {target}"
        for page in PAGES
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", page.read_text())
        if not leads_somewhere(page, target, anchor)
    ]
    assert lost == []


def leads_somewhere(page: Path, target: str, anchor: str) -> bool:
    there = page.parent / target if target else page
    if not there.exists():
        return False
    headings = re.findall(r"^#+ (.*)$", there.read_text(), re.MULTILINE) if anchor else []
    return not anchor or anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
