"""Names and passwords in the notations of connection strings, whatever characters they hold."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

MASK: Final = "***"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:*/-]+")


def escaped(text: str) -> str:
    """For a part of a URI. The mask stays readable."""
    return quote(text, safe="*" if text == MASK else "")


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def uri(
    scheme: str,
    *,
    user: str,
    password: str,
    host: str,
    port: int,
    database: str,
    parameters: Mapping[str, str],
) -> str:
    login = f"{escaped(user)}:{escaped(password)}"
    behind = f"?{query(parameters)}" if parameters else ""
    return f"{scheme}://{login}@{bracketed(host)}:{port}/{escaped(database)}{behind}"


def query(parameters: Mapping[str, str]) -> str:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())


def keywords(values: Mapping[str, str]) -> str:
    """Pairs ``key=value``, as libpq reads them; in quotes only what needs them."""
    return " ".join(f"{name}={_keyword(value)}" for name, value in values.items())


def semicolons(values: Mapping[str, str]) -> str:
    """Pairs ``Key=value;``, as ADO.NET reads them."""
    return ";".join(f"{name}={_ado(value)}" for name, value in values.items())


def shell(text: str) -> str:
    """One word of a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def _keyword(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _ado(value: str) -> str:
    is_plain = value and value == value.strip() and not set(value) & set(";'\"=")
    return value if is_plain else '"' + value.replace('"', '""') + '"'
