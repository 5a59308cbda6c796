r"""A plain SQL file of unknown origin, made fit for a psql that is in restricted mode. Pure: no I/O here.

Such a file is a program. What it may do on the server is bounded by the role that it runs as; what it may do here, by
psql's ``\restrict``. That has a gap: backticks in the arguments of ``\unrestrict`` are run by a shell before its key is
looked at. So no ``\unrestrict`` passes here but that of pg_dump's own pair, which is taken out. Taken out are also the
statements of pg_dump that name roles of another server, where that is wished.
"""

import re
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from app.errors import Unprocessable

BOM: Final = b"\xef\xbb\xbf"
# The longest thing that is understood as one is a dollar quote's tag, or the line of pg_dump's own pair.
_LOOKAHEAD: Final = 256
_LONGEST_STATEMENT: Final = 256 * 1024  # of those that may be taken out, or announce rows

_BLANK: Final = re.compile(rb"(?:[ \t\r\n\f\v]+|--[^\n]*\n)+")
_HELD: Final = re.compile(rb"(?:ALTER|COMMENT|COPY|GRANT|RESET|REVOKE|SET)\b", re.IGNORECASE)
_PAIR: Final = re.compile(rb"\\(un)?restrict ([A-Za-z0-9]{1,200})[ \t]*\r?\n")
_MARK: Final = re.compile(
    rb"""['";]|--|/\*|(?<![A-Za-z0-9_$\x80-\xff])\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$"""
)
_ESCAPING: Final = re.compile(rb"(?:^|[^A-Za-z0-9_$\x80-\xff])[Ee]$")
_ESCAPED: Final = re.compile(rb"\\.|''|'", re.DOTALL)
_NEST: Final = re.compile(rb"/\*|\*/")
_FIRST_ROW_IS_END: Final = re.compile(rb"\\\.(?:\r?\n|\Z)")
_END_OF_ROWS: Final = re.compile(rb"\n\\\.\r?\n")
_COPY_IN: Final = re.compile(rb"COPY\b.*\bFROM\s+STDIN\b.*;", re.IGNORECASE | re.DOTALL)

_NAME: Final = rb"""(?:"(?:[^"]|"")*"|[^\s,'"();])+"""
_ROLE: Final = rb"""(?:"(?:[^"]|"")*"|[\w$\x80-\xff]+)"""
# Exactly as pg_dump writes them: a statement that does more than one thing is not one of these.
_NAMING_ROLES: Final = {
    "owners": re.compile(
        rb"ALTER\s+(?:[A-Z]+\s+){1,4}"
        + _NAME
        + rb"\s*(?:\([^()';]*\))?(?:\s+USING\s+\w+)?\s+OWNER\s+TO\s+"
        + _ROLE
        + rb"\s*;"
    ),
    "grants": re.compile(rb"(?:GRANT|REVOKE|ALTER\s+DEFAULT\s+PRIVILEGES)\s[^']*;"),
    "comments on extensions": re.compile(rb"COMMENT\s+ON\s+EXTENSION\s.*;", re.DOTALL),
    "changes of the session's user": re.compile(rb"(?:SET|RESET)\s+SESSION\s+AUTHORIZATION\b[^']*;"),
}


class OwnerStatements(StrEnum):
    STRIP = "strip"
    KEEP = "keep"


class SqlRefused(Unprocessable):
    """The file holds what no SQL file needs; ``line`` in the members is where."""

    code, title = "SQL_REFUSED", "The SQL file is not accepted"


class PlainSql:
    """What ``feed`` and then ``finish`` give, joined, is for psql, and has the line numbers of the file.

    Both raise SqlRefused. ``left_out`` counts what was taken out. Whoever misleads this reader about where a statement
    begins gains nothing: then too little is taken out, or too much, of a file that is run with the same rights.
    """

    def __init__(self, owners: OwnerStatements) -> None:
        self.left_out: Counter[str] = Counter()
        self._strips = owners is OwnerStatements.STRIP
        self._guard = _Guard()
        self._is_first = True
        self._key: bytes | None = None  # of pg_dump's own pair, once the first half was seen
        # Not yet given out are the bytes of ``_data`` from ``_sent`` on, and not yet looked at those from ``_at`` on.
        self._data = b""
        self._sent = self._at = 0
        self._held_from: int | None = None  # a statement that is kept back until its end tells what it is
        self._tag = b""
        self._depth = 0
        self._after: Callable[[], bool] = self._read_statement  # the end of what was opened last
        self._is_whole = False
        self._read: Callable[[], bool] = self._read_blank

    def feed(self, chunk: bytes) -> bytes:
        if self._is_first and self._data + chunk:
            if BOM.startswith(self._data + chunk) and len(self._data + chunk) < len(BOM):
                self._data += chunk
                return b""
            self._data, chunk = b"", (self._data + chunk).removeprefix(BOM)
            self._is_first = False
        return self._guard.passed(self._taken(chunk))

    def finish(self) -> bytes:
        self._is_whole = True
        rest = self._taken(b"")
        return self._guard.passed(rest + self._data[self._sent :])

    def _taken(self, chunk: bytes) -> bytes:
        self._data += chunk
        pieces: list[bytes] = []
        self._pieces = pieces
        while self._read():
            pass
        upto = self._at if self._held_from is None else self._held_from
        self._give(upto)
        # Two bytes stay, since what begins here may depend on them.
        cut = max(self._sent - 2, 0)
        self._data = self._data[cut:]
        self._sent, self._at = self._sent - cut, self._at - cut
        if self._held_from is not None:
            self._held_from -= cut
        return b"".join(pieces)

    def _give(self, upto: int) -> None:
        self._pieces.append(self._data[self._sent : upto])
        self._sent = upto

    def _drop(self, upto: int) -> None:
        """Its line breaks stay, so that psql counts the lines of the file."""
        self._pieces.append(b"\n" * self._data.count(b"\n", self._sent, upto))
        self._sent = self._at = upto

    @property
    def _limit(self) -> int:
        """Up to here a token that begins is there to its end."""
        return len(self._data) if self._is_whole else max(len(self._data) - _LOOKAHEAD, self._at)

    def _read_blank(self) -> bool:
        """Between two statements, where pg_dump's own pair and what may be taken out begin."""
        if blank := _BLANK.match(self._data, self._at):
            self._at = blank.end()
        if self._at >= self._limit:
            return False
        if (pair := _PAIR.match(self._data, self._at)) and self._is_own(pair):
            self._give(pair.start())
            self._drop(pair.end())
            return True
        if (opened := self._data[self._at : self._at + 2]) in (b"--", b"/*"):
            self._at += len(opened)
            self._open(opened, then=self._read_blank)
            return True
        if _HELD.match(self._data, self._at):
            self._give(self._at)
            self._held_from = self._at
        self._read = self._read_statement
        return True

    def _is_own(self, pair: re.Match[bytes]) -> bool:
        is_end, key = pair[1] is not None, pair[2]
        if is_end is not (self._key is not None) or (is_end and key != self._key):
            return False
        self._key = None if is_end else key
        return True

    def _read_statement(self) -> bool:
        mark = _MARK.search(self._data, self._at)
        if mark is None or mark.start() >= self._limit:
            self._at = self._limit
            self._release_long()
            return False
        self._at = mark.end()
        if mark[0] == b";":
            self._end_statement()
        elif mark[0] == b"'" and _ESCAPING.search(self._data[max(mark.start() - 2, 0) : mark.start()]):
            self._read = self._read_escaped
        else:
            self._open(mark[0], then=self._read_statement)
        return True

    def _open(self, mark: bytes, *, then: Callable[[], bool]) -> None:
        self._after = then
        if mark == b"/*":
            self._read, self._depth = self._read_comment, 1
        else:
            self._read, self._tag = self._read_quoted, b"\n" if mark == b"--" else mark

    def _end_statement(self) -> None:
        self._read = self._read_blank
        if self._held_from is None:
            return
        statement = self._data[self._held_from : self._at]
        self._held_from = None
        if _COPY_IN.fullmatch(statement):
            self._read = self._read_rest_of_line
        elif kind := self._naming_roles(statement):
            self.left_out[kind] += 1
            self._drop(self._at)

    def _naming_roles(self, statement: bytes) -> str | None:
        if not self._strips:
            return None
        return next((kind for kind, form in _NAMING_ROLES.items() if form.fullmatch(statement)), None)

    def _release_long(self) -> None:
        if self._held_from is not None and self._at - self._held_from > _LONGEST_STATEMENT:
            self._held_from = None

    def _read_quoted(self) -> bool:
        """Up to the end of a string, a name, a line comment or a dollar quote."""
        return self._skip_to(self._tag, self._after)

    def _read_escaped(self) -> bool:
        """A string in which a backslash takes the special meaning from what follows."""
        for mark in _ESCAPED.finditer(self._data, self._at):
            if mark[0] == b"'" and mark.end() == len(self._data) and not self._is_whole:
                break  # the next byte tells whether it is one of two
            self._at = mark.end()
            if mark[0] == b"'":
                self._read = self._read_statement
                return True
        else:
            self._at = len(self._data) - self._data.endswith(b"\\", self._at)
        return False

    def _read_comment(self) -> bool:
        for mark in _NEST.finditer(self._data, self._at):
            self._at = mark.end()
            self._depth += 1 if mark[0] == b"/*" else -1
            if not self._depth:
                self._read = self._after
                return True
        self._at = max(len(self._data) - 1, self._at)
        return False

    def _read_rest_of_line(self) -> bool:
        return self._skip_to(b"\n", self._read_first_row)

    def _read_first_row(self) -> bool:
        """The end of no rows at all has no line break before it but the one that was just read."""
        if len(self._data) - self._at < len(b"\\.\r\n") and not self._is_whole:
            return False
        end = _FIRST_ROW_IS_END.match(self._data, self._at)
        self._read = self._read_blank if end else self._read_rows
        self._at = end.end() if end else self._at
        return True

    def _read_rows(self) -> bool:
        end = _END_OF_ROWS.search(self._data, self._at)
        if end is None:
            self._at = max(len(self._data) - len(b"\n\\.\r\n") + 1, self._at)
            return False
        self._at = end.end()
        self._read = self._read_blank
        return True

    def _skip_to(self, mark: bytes, then: Callable[[], bool]) -> bool:
        found = self._data.find(mark, self._at)
        if found < 0:
            self._at = max(len(self._data) - len(mark) + 1, self._at)
            self._release_long()
            return False
        self._at = found + len(mark)
        self._read = then
        return True


class _Guard:
    r"""Lets nothing pass that psql could take for a ``\unrestrict``, wherever it stands.

    Two backslashes in a row are one of the data to psql, and no command. But where the session's encoding is one of
    those whose characters may end in the byte of a backslash, only psql knows what the first of the two is.
    """

    _WORD: Final = b"unrestrict"
    _LONGEST_RUN: Final = 4096  # of backslashes that are counted over the end of a piece

    def __init__(self) -> None:
        self._line = 1
        self._tail = b""

    def passed(self, data: bytes) -> bytes:
        if b"\0" in data:
            line = self._line + data.count(b"\n", 0, data.index(b"\0"))
            raise SqlRefused(
                f"Line {line} has a zero byte, which no SQL has: the file is not SQL, or not UTF-8.", line=line
            )
        seen = self._tail + data
        at = seen.find(self._WORD)
        while at >= 0:
            before = seen[:at]
            run = len(before) - len(before.rstrip(b"\\"))
            is_unclear = run and run < at and before[at - run - 1] >= 0x80  # noqa: PLR2004 (the first byte beyond ASCII)
            if run % 2 or is_unclear or (run == at and run):
                line = self._line + data.count(b"\n", 0, max(at - len(self._tail), 0))
                raise SqlRefused(
                    f"Line {line} has \\unrestrict, by which a file could leave the restricted mode that it is read in. Where "
                    "it is data, write it as COPY does, with two backslashes.",
                    line=line,
                )
            at = seen.find(self._WORD, at + 1)
        self._line += data.count(b"\n")
        # The word and the backslashes before it may come in pieces.
        keep = len(seen) - len(self._WORD)
        longest = max(keep - self._LONGEST_RUN, 0)
        while keep > longest and seen[keep - 1] == ord("\\"):
            keep -= 1
        self._tail = seen[max(keep - 1, 0) :]
        return data
