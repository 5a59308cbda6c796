"""What we ask of Railway: one operation a file, named after the file, which selects as few fields as it can.

Few, because Railway answers a null in a field that it promised with a null instead of everything, and charges by weight.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_OPERATION: Final = re.compile(r"\A(query|mutation)\b")


class Kind(StrEnum):
    READ = "query"
    CHANGE = "mutation"


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    text: str
    kind: Kind


@cache
def document(name: str) -> Document:
    """The document of the operation ``name``. Raises FileNotFoundError."""
    text = (_HERE / f"{name}.graphql").read_text(encoding="utf-8")
    operation = _OPERATION.match(text)
    assert operation is not None, f"{name}.graphql does not begin with its operation"
    return Document(name, text, Kind(operation[1]))


def documents() -> list[Document]:
    return [document(path.stem) for path in sorted(_HERE.glob("*.graphql"))]
