"""The table of failures names tests that there are."""

import ast
import re
from pathlib import Path

import pytest

from tests.e2e.faults import every_fault

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "proofs" / "2026-11-23-backup-faults.md"
ROWS = [line for line in TABLE.read_text().splitlines() if line.startswith("| ")][2:]


@pytest.mark.parametrize("row", ROWS, ids=[row.split(" | ")[0].strip("| ") for row in ROWS])
def test_each_failure_has_proofs_that_exist(row: str) -> None:
    proofs = re.findall(r"`([^`]+)`", row.strip("| ").split(" | ")[-1])
    assert proofs
    missing = [name for name in proofs if not _is_test(name) and name not in every_fault()]
    assert missing == []


def _is_test(name: str) -> bool:
    path, _, function = name.partition("::")
    if not function or not (ROOT / path).exists():
        return False
    tree = ast.parse((ROOT / path).read_text())
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function for node in ast.walk(tree)
    )
