"""Takes secrets out of text that is about to be logged, stored or answered.

``redact`` knows the shapes secrets have; what looks like none of them it cannot see, so where the values themselves
are known a ``Redactor`` masks those too. In doubt more is masked than needed. Both take linear time, and redacting
twice changes nothing more.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = "***"

_SHORTEST_SECRET = 4  # masking every "pw" or "123" would make texts unreadable, and protects nothing

# A quoted value whose end was cut off reaches to the end of the text. The alternatives of a repetition never begin
# with the same character: that is what keeps the search linear.
_QUOTED = r"""'(?:[^'\\]|\\.)*+(?:'|\\?\Z)|"(?:[^"\\]|\\.)*+(?:"|\\?\Z)"""
_NAMES = r"pass(?:word|wd|phrase)|secret_?access_?key|session_?token|x-amz-(?:signature|security-token)"
_SHAPES = (
    # password=…, 'password': '…', PGPASSWORD=…, AWS_SECRET_ACCESS_KEY=…; unquoted as libpq reads it, up to a space.
    re.compile(
        rf"""(?:{_NAMES})["']?\s*[=:]\s*({_QUOTED}|(?:[^\s\\"']|\\.)(?:[^\s\\]|\\.)*+\\?|\\\Z)""",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(rf"""\bpassword\s+({_QUOTED})""", re.IGNORECASE | re.DOTALL),  # CREATE ROLE … PASSWORD '…'
    re.compile(rf"""\bauthorization["']?\s*[=:]\s*({_QUOTED}|[^\s"'][^\r\n"']*+)""", re.IGNORECASE | re.DOTALL),
    re.compile(r"""\bbearer\s+([\w.~+/=-]{8,}+)""", re.IGNORECASE | re.ASCII),
    re.compile(r"pgm_[0-9A-Za-z]{20,}+_([0-9A-Za-z]++)"),
    re.compile(r"AGE-SECRET-KEY-(1[0-9A-Z]++)", re.IGNORECASE | re.ASCII),
)
_WORD = re.compile(r"\S++")
_USER = re.compile(r"[^:/?#]*+:")
_PORT = re.compile(r"\d{1,5}(?:[/?#]|\Z)", re.ASCII)
_QUOTE = re.compile(r"[\"']")


def redact(text: str) -> str:
    return _redact_urls(_mask(text, _shaped(text)))


class Redactor:
    """Masks what ``redact`` masks, and these secrets wherever they stand, also in the form they take in a URL."""

    def __init__(self, known_secrets: Iterable[str]) -> None:
        forms = {
            form
            for secret in known_secrets
            if len(secret) >= _SHORTEST_SECRET
            for form in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))
        }
        # Longest first: of two secrets that begin alike, the longer one must not keep its end.
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def redact(self, text: str) -> str:
        spans = list(_shaped(text))
        if self._known is not None:
            spans += [match.span() for match in self._known.finditer(text)]
        return _redact_urls(_mask(text, spans))


def _shaped(text: str) -> Iterator[tuple[int, int]]:
    return (match.span(1) for shape in _SHAPES for match in shape.finditer(text))


def _mask(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Masks all spans at once, as they stand in the original: one mask must not hide another secret's beginning."""
    pieces: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if stop <= end:
            continue
        if start >= end:
            quote_mark = text[start] if text[start] in "\"'" else ""
            pieces += [text[end:start], quote_mark, MASK, quote_mark]
        end = stop
    return "".join([*pieces, text[end:]])


def _redact_urls(text: str) -> str:
    """``scheme://user:password@host``. By hand: a password may hold almost any character, even unescaped."""
    if "://" not in text:
        return text
    return _WORD.sub(lambda word: "://".join(_redact_authorities(word[0].split("://"))), text)


def _redact_authorities(parts: list[str]) -> Iterator[str]:
    """The first part ends in a scheme, each other one begins with what follows ``://``."""
    yield parts[0]
    for part in parts[1:]:
        user = _USER.match(part)
        stop = _password_end(part)
        if user is None or _PORT.match(part, user.end()) or stop < user.end():
            yield part
        else:
            yield user[0] + MASK + part[stop:]


def _password_end(part: str) -> int:
    """Where the last ``@`` is; one before a quotation mark wins, since the URL may end at that mark (in JSON)."""
    quote_mark = _QUOTE.search(part)
    stop = -1 if quote_mark is None else part.rfind("@", 0, quote_mark.start())
    return part.rfind("@") if stop < 0 else stop
