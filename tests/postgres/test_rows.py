"""What of an archive's rows fits into which table."""

import pytest

from app.postgres.archive import Entry, Section
from app.postgres.rows import columns_of


@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        ("COPY shop.customer (id, name) FROM stdin;\n", ["id", "name"]),
        ("COPY shop.no_columns  FROM stdin;\n", []),
        ('COPY "Bücherei ""Süd"""."quoted (a, b) FROM stdin;" (id, "größe") FROM stdin;\n', ["id", "größe"]),
        ('COPY s."two\nlines" ("a, b", "c "" d", "(e)", f) FROM stdin;\n', ["a, b", 'c " d', "(e)", "f"]),
        (None, []),
    ],
)
def test_columns_are_those_of_the_archives_copy_statement(statement: str | None, columns: list[str]) -> None:
    entry = Entry(1, 1, "t", "TABLE DATA", "s", None, Section.DATA, had_dumper=True, copy_statement=statement)
    assert columns_of(entry) == columns
