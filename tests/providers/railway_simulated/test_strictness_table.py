"""The table of strict behaviours names tests that exist, and leaves none of them out."""

import ast
import re
from pathlib import Path

import tests.railway_simulator.control as of_simulator

HERE = Path(__file__).parent
TABLE = Path(of_simulator.__file__).with_name("STRICTNESS.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## .*: `(test_strictness_\w+\.py)`$", re.MULTILINE)
DIFFERENCE = re.compile(r"`(test_\w+\.py)`: `(test_\w+)`")


def written_in(name: str) -> set[str]:
    tree = ast.parse((HERE / name).read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {node.name for node in functions if node.name.startswith("test_")}


def rows() -> dict[str, list[list[str]]]:
    """The cells of each row, by the file that the section names."""
    _, *parts = SECTION.split(TABLE.partition("## Where it differs")[0])
    return {
        name: [
            [cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if "`test_" in line
        ]
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def test_every_row_has_a_behaviour_a_source_and_a_test_that_exists() -> None:
    for name, found in rows().items():
        assert found
        for row in found:
            behaviour, source, test = row
            assert behaviour
            assert source
            assert test.strip("`") in written_in(name), f"{name} has no {test}"


def test_every_strict_behaviour_that_is_tested_has_a_row() -> None:
    files = {path.name for path in HERE.glob("test_strictness_*.py")} - {Path(__file__).name}
    assert rows().keys() == files
    for name, found in rows().items():
        assert written_in(name) == {test.strip("`") for _, _, test in found}


def test_every_difference_on_purpose_is_shown_by_a_test() -> None:
    shown = DIFFERENCE.findall(TABLE)
    assert shown
    for name, test in shown:
        assert test in written_in(name), f"{name} has no {test}"
