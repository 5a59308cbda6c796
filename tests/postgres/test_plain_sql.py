"""What becomes of a plain SQL file before psql reads it. Pure, so any file in any pieces."""

import itertools
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.postgres.plain_sql import OwnerStatements, PlainSql, SqlRefused

DUMP = rb"""--
-- PostgreSQL database dump
--

\restrict abcDEF123

SET client_encoding = 'UTF8';
ALTER SCHEMA public OWNER TO pg_database_owner;
CREATE TABLE public.t (a text DEFAULT ' OWNER TO x;', "b;'" text);
ALTER TABLE public.t OWNER TO "Shop ;'Keeper";
ALTER FUNCTION public.f(a integer, b text) OWNER TO shop;
CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $_$
ALTER TABLE public.t OWNER TO inside;
$_$;
COPY public.t (a, "b;'") FROM stdin;
ALTER TABLE public.t OWNER TO row;
\\unrestrict	it's a row
\.


COPY public.t (a) FROM stdin;
\.

COMMENT ON EXTENSION hstore IS 'data type; for sets';
ALTER TABLE public.t ALTER COLUMN a SET DEFAULT E'\'; x OWNER TO y;';
GRANT SELECT ON TABLE public.t TO readers;
ALTER DEFAULT PRIVILEGES FOR ROLE shop GRANT ALL ON TABLES TO readers;
SET SESSION AUTHORIZATION shop;
INSERT INTO public.t VALUES ('it''s', /* ; ' */ 'x');
--
-- PostgreSQL database dump complete
--

\unrestrict abcDEF123
"""
LEFT_OUT = {"owners": 3, "grants": 2, "comments on extensions": 1, "changes of the session's user": 1}


def passed(
    data: bytes, owners: OwnerStatements = OwnerStatements.STRIP, *, cuts: list[int] | None = None
) -> tuple[bytes, PlainSql]:
    sql = PlainSql(owners)
    places = [0, *sorted(cuts or []), len(data)]
    pieces = [sql.feed(data[start:end]) for start, end in itertools.pairwise(places)]
    return b"".join([*pieces, sql.finish()]), sql


def test_exactly_the_statements_that_name_roles_are_left_out_and_every_line_keeps_its_number() -> None:
    found, sql = passed(DUMP)
    assert sql.left_out == LEFT_OUT
    assert found.count(b"\n") == DUMP.count(b"\n")
    missing = [line for line in DUMP.splitlines() if line and line not in found.splitlines()]
    assert missing == [
        rb"\restrict abcDEF123",
        b"ALTER SCHEMA public OWNER TO pg_database_owner;",
        b'ALTER TABLE public.t OWNER TO "Shop ;\'Keeper";',
        b"ALTER FUNCTION public.f(a integer, b text) OWNER TO shop;",
        b"COMMENT ON EXTENSION hstore IS 'data type; for sets';",
        b"GRANT SELECT ON TABLE public.t TO readers;",
        b"ALTER DEFAULT PRIVILEGES FOR ROLE shop GRANT ALL ON TABLES TO readers;",
        b"SET SESSION AUTHORIZATION shop;",
        rb"\unrestrict abcDEF123",
    ]


def test_owners_can_be_kept() -> None:
    found, sql = passed(DUMP, OwnerStatements.KEEP)
    assert not sql.left_out
    assert found == DUMP.replace(b"\\restrict abcDEF123\n", b"\n").replace(b"\n\\unrestrict abcDEF123\n", b"\n\n")


@given(st.lists(st.integers(0, len(DUMP)), max_size=20), st.booleans())
def test_it_does_not_matter_in_which_pieces_a_file_comes(cuts: list[int], has_bom: bool) -> None:
    bom = b"\xef\xbb\xbf" if has_bom else b""
    assert passed(bom + DUMP, cuts=cuts)[0] == passed(DUMP)[0]


def test_nor_when_every_piece_is_one_byte() -> None:
    assert passed(DUMP, cuts=list(range(len(DUMP))))[0] == passed(DUMP)[0]


@given(
    st.lists(
        st.sampled_from(
            [
                b"'",
                b'"',
                b"$$",
                b"$a$",
                b"--",
                b"/*",
                b"*/",
                b"\n",
                b";",
                b"E'",
                b"\\",
                b"COPY t FROM stdin;",
                b"\n\\.\n",
                b" x ",
                b"ALTER TABLE a OWNER TO b;",
                b"\x80",
            ]
        ),
        max_size=60,
    ),
    st.randoms(use_true_random=False),
)
def test_no_byte_is_lost_or_moved_but_of_what_is_left_out(words: list[bytes], chance: random.Random) -> None:
    data = b"".join(words)
    whole, sql = passed(data)
    cut, _ = passed(data, cuts=[chance.randint(0, len(data)) for _ in range(5)])
    assert cut == whole
    assert len(data) - len(whole) == sql.left_out["owners"] * len(b"ALTER TABLE a OWNER TO b;")
    assert passed(data, OwnerStatements.KEEP)[0] == data


@pytest.mark.parametrize(
    "statement",
    [
        b"ALTER TABLE t ADD COLUMN a text DEFAULT 'b OWNER TO x';",
        b"ALTER TABLE t ADD CHECK (a = 'x'), OWNER TO b;",
        b"ALTER TABLE t RENAME TO u; DROP TABLE v;",
        b"SET SESSION authorization_like = 'x';",
        b"COMMENT ON TABLE t IS 'x';",
    ],
)
def test_a_statement_that_does_anything_else_stays(statement: bytes) -> None:
    assert passed(statement)[0] == statement


def test_windows_line_ends_are_understood() -> None:
    found, sql = passed(DUMP.replace(b"\n", b"\r\n"))
    assert sql.left_out == LEFT_OUT
    assert b"restrict abc" not in found
    assert b"OWNER TO row;\r\n" in found


@pytest.mark.parametrize(
    "text",
    [
        b"SELECT 1;\n\\unrestrict `id`\n",
        b"SELECT 1 \\unrestrict `id`\n",
        b"\\unrestrict `id`\n",
        b"\\restrict a\n\\unrestrict b`id`\n",
        b"\\restrict a\n\\unrestrict a `id`\n",
        b"\\restrict a\n\\unrestrict a\n\\unrestrict a\n",
        # In these encodings the first backslash is the second half of a character.
        b"SET client_encoding TO SJIS;\nSELECT 1 AS \x83\\\\unrestrict `id`\n",
        b"SELECT 1 AS \x83" + b"\\" * 10_001 + b"\\unrestrict `id`\n",
    ],
)
def test_nothing_that_leaves_the_restricted_mode_passes_in_whatever_pieces(text: bytes) -> None:
    for cuts in (
        [],
        [*range(0, len(text), 7)],
        [len(text) - 8],
        [text.index(b"unrestrict")],
        [text.index(b"unrestrict") + 3],
    ):
        with pytest.raises(SqlRefused, match="unrestrict"):
            passed(text, cuts=cuts)


@pytest.mark.parametrize(
    "text", [b"COPY t FROM stdin;\n\\\\unrestrict x\n\\.\n", b"SELECT E'\\\\unrestrict';", b"-- unrestrict\n"]
)
def test_the_word_may_be_data(text: bytes) -> None:
    assert passed(text)[0] == text


def test_a_zero_byte_is_refused_with_its_line() -> None:
    with pytest.raises(SqlRefused, match=re.escape("Line 3")) as raised:
        passed(b"SELECT 1;\nSELECT 2;\nx\0", cuts=[4, 12])
    assert raised.value.members == {"line": 3}


def test_dumps_one_after_the_other_have_a_pair_each() -> None:
    found, _ = passed(DUMP + DUMP.replace(b"abcDEF123", b"other456"))
    assert not re.search(rb"^\\(un)?restrict", found, re.MULTILINE)


def test_a_statement_too_long_to_be_held_back_stays() -> None:
    text = b"GRANT SELECT ON " + b"a, " * 200_000 + b"b TO c;"
    assert passed(text, cuts=list(range(0, len(text), 65_536)))[0] == text
