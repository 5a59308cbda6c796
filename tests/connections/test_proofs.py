"""The document says of each client what the tests do with it, and no more."""

from pathlib import Path

from app.connections.clients.registry import RENDER, Client
from tests.connections.proofs import RUN, RUN_POOLED, STANDS_ON, table

DOCUMENT = Path(__file__).parents[2] / "docs" / "connections.md"


def test_the_table_of_the_document_is_the_one_that_the_tests_give() -> None:
    assert f"<!-- clients -->\n{table()}\n" in DOCUMENT.read_text(), "python -m tests.connections.proofs prints it"


def test_every_client_is_printed_and_has_a_row() -> None:
    assert set(RENDER) == set(Client)
    assert set(STANDS_ON) == RUN >= RUN_POOLED
    assert all(f"| `{client}` |" in table() for client in Client)
