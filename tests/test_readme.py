"""What the README says of the settings and the scripts."""

import json
import re
from pathlib import Path

from typer.testing import CliRunner

from app.cli import cli

ROOT = Path(__file__).resolve().parents[1]


def test_the_table_of_settings_is_the_one_that_the_program_prints() -> None:
    printed = CliRunner().invoke(cli, ["settings"]).stdout
    found = re.search(r"<!-- settings -->\n(.*?)\n\n", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found
    assert found.group(1).strip() == printed.strip()


def test_every_script_and_document_that_is_named_exists() -> None:
    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"scripts/\w+", text)) | set(re.findall(r"\]\(((?:docs|openapi)/[^)#]+)\)", text))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_command_that_is_named_exists() -> None:
    commands = set(re.findall(r"^    pgmanager ([\w-]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert {"serve", "worker", "migrate", "keys"} <= commands
    for command in sorted(commands):
        assert CliRunner().invoke(cli, [command, "--help"]).exit_code == 0, command


def test_what_the_demo_prints_is_there_with_all_of_its_steps() -> None:
    found = re.search(r"<!-- demo -->\n```text\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found
    printed = re.findall(r'print\(f?"\\n(\d\. [A-Z][a-z ,]+)', (ROOT / "app/embedded/demo.py").read_text())
    assert len(printed) == 6
    assert [title for title in printed if title not in found.group(1)] == []


def test_what_railway_json_sets_stands_in_the_table_for_those_who_type_it() -> None:
    settings = json.loads((ROOT / "railway.json").read_text())
    wanted = {
        f"{group}.{name}": " ".join(value) if isinstance(value, list) else str(value)
        for group in ("build", "deploy")
        for name, value in settings[group].items()
    }
    table = re.search(r"<!-- railway settings -->\n(.*?)\n\n", (ROOT / "docs/railway.md").read_text(), re.DOTALL)
    assert table
    assert dict(re.findall(r"^ *\| `([\w.]+)` \| `([^`]+)` \|", table.group(1), re.MULTILINE)) == wanted
