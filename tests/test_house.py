"""The rules of the house that no linter knows, and a proof that the import contracts notice what they are for."""

import ast
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MOST_LINES = 400


FORBIDDEN = [
    ("restores/service.py", "import app.backups.service", "Siblings know of each other only the schemas"),
    ("jobs/claim.py", "import app.backups.schemas", "The import direction"),
    ("postgres/connect.py", "import app.storage.store", "The import direction"),
    ("kit/clock.py", "import app.settings", "The import direction"),
    ("backups/repository.py", "import app.backups.service", "Inside a domain"),
    ("backups/service.py", "import fastapi", "No web framework below a router"),
    ("backups/service.py", "import app.auth.dependencies", "No web framework below a router"),
    ("jobs/claim.py", "import starlette.responses", "No web framework below a router"),
    ("backups/service.py", "import botocore.config", "The S3 library stays in app.storage.s3"),
    ("storage/probe.py", "import httpx", "The HTTP client stays in app.http"),
    ("backups/repository.py", "import asyncpg", "asyncpg and psycopg stay in app.db and app.postgres"),
    ("kit/clock.py", "import hypothesis", "The tests import the code, never the other way round"),
]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of each contract that is broken when all of these stand in the code at once."""
    tree = tmp_path_factory.mktemp("house")
    copy_tree(tree)
    for planted_in, line, _ in FORBIDDEN:
        imported = line.removeprefix("import ")
        if imported.startswith("app."):
            touch(tree / Path(*imported.split(".")).with_suffix(".py"))
        touch(tree / "app" / planted_in)
        with (tree / "app" / planted_in).open("a") as module:
            module.write(f"\n{line}\n")
    done = lint_imports(tree)
    assert done.returncode == 1, done.stdout + done.stderr
    _, _, broken = done.stdout.partition("Broken contracts\n")
    titles = [line for line, below in pairwise(broken.splitlines()) if line and set(below) == {"-"}]
    starts = [*(broken.index(f"{title}\n---") for title in titles), len(broken)]
    return {title: broken[start:end] for title, (start, end) in zip(titles, pairwise(starts), strict=True)}


@pytest.mark.parametrize(("planted_in", "line", "contract"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(
    reports: dict[str, str], planted_in: str, line: str, contract: str
) -> None:
    importer = f"app.{planted_in.removesuffix('.py').replace('/', '.')}"
    imported = line.removeprefix("import ")
    assert f"{importer} -> {imported if imported.startswith('app.') else imported.split('.')[0]}" in reports[contract]


def test_a_new_folder_needs_a_place_in_the_import_direction(tmp_path: Path) -> None:
    copy_tree(tmp_path)
    touch(tmp_path / "app/billing/invoice.py")

    done = lint_imports(tmp_path)

    assert done.returncode == 1
    assert "- app.billing" in done.stdout


def test_only_the_edge_commits() -> None:
    """One transaction a request or a job step: opened and ended where it is handed out, never by a service."""
    below = [*modules("service"), *modules("repository"), *modules("router"), *modules("tasks"), *modules("steps")]
    commits = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in below
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]
    assert not commits


def test_sql_text_lives_in_repositories() -> None:
    outside = [*modules("service"), *modules("router"), *modules("tasks"), *modules("steps"), *modules("schemas")]
    texts = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in outside
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").split(".")[0] in {"sqlalchemy", "sqlmodel"}
        and any(name.name == "text" for name in node.names)
    ]
    assert not texts


def test_no_file_grows_past_what_one_reads_in_a_few_minutes() -> None:
    # Not those of migrations: they are generated, and read once.
    files = [path for folder in ("app", "tests") for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 10
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files
        if (lines := len(path.read_text().splitlines())) > MOST_LINES
    }
    assert not long


def test_every_module_is_named_after_what_it_holds() -> None:
    nameless = {"utils", "util", "helpers", "common", "misc", "manager", "base_service"}
    assert not [path for path in (ROOT / "app").rglob("*") if path.stem in nameless]


def modules(role: str) -> list[Path]:
    """The modules of one role in every domain, also where a role is a package."""
    return [*(ROOT / "app").glob(f"*/{role}.py"), *(ROOT / "app").glob(f"*/{role}/*.py")]


def copy_tree(to: Path) -> None:
    shutil.copytree(ROOT / "app", to / "app", ignore=shutil.ignore_patterns("__pycache__", "*.sql"))
    shutil.copy(ROOT / "pyproject.toml", to)


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def touch(module: Path) -> None:
    module.parent.mkdir(parents=True, exist_ok=True)
    (module.parent / "__init__.py").touch()
    module.touch()
