"""Connection strings of users: read strictly, since a libpq string can name files and programs of our machine."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, unquote

from pydantic import SecretStr

from app.kit.addresses import is_name
from app.postgres.connect import Target, TlsMode
from app.postgres.errors import ConnectionStringInvalid

_SCHEMES: Final = ("postgresql://", "postgres://")
_KEYS: Final = frozenset({"host", "port", "dbname", "user", "password", "sslmode"})
_DEFAULT_PORT: Final = 5432
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # and halves of surrogate pairs, which are no text
_KEY_NAME: Final = re.compile(r"[a-z][a-z_]{0,30}")
# key = value, the value bare or in single quotes, a backslash escaping any character in both (libpq's own grammar)
_PAIR: Final = re.compile(r"\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'(?=\s|$)|((?:[^\s'\\]|\\.)*)(?=\s|$))", re.DOTALL)


def parse_connection_string(text: str, *, ca_pem: str | None = None) -> Target:
    """A target from a URI or from ``key=value`` pairs; as in libpq the database defaults to the user's name.

    Raises ConnectionStringInvalid, which names the key at fault and never repeats the text.
    """
    text = text.strip()
    values: dict[str, str] = {}
    for key, value in _uri_pairs(text) if text.startswith(_SCHEMES) else _keyword_pairs(text):
        name = "dbname" if key == "database" else key
        if name not in _KEYS:
            raise _invalid(_refusal_of(key))
        if name in values:
            raise _invalid(f"{key} is given twice.")
        if _CONTROL.search(value):
            raise _invalid(f"{key} holds a control character.")
        values[name] = value
    port = _port(values.get("port") or str(_DEFAULT_PORT))
    for key in ("host", "user", "password"):
        if not values.get(key):
            raise _invalid(f"It has no {key}.")
    return Target(
        host=_host(values["host"]),
        port=port,
        user=values["user"],
        password=SecretStr(values["password"]),
        database=values.get("dbname") or values["user"],
        tls=_tls(values.get("sslmode") or TlsMode.PREFER),
        ca_pem=ca_pem,
    )


def connection_string(target: Target, *, reveal: bool) -> str:
    """The URI of a target; unless ``reveal`` the password is shown as ``****``. The pinned root is not part of it."""
    password = quote(target.password.get_secret_value(), safe="") if reveal else "****"
    host = f"[{target.host}]" if ":" in target.host else target.host
    return (
        f"postgresql://{quote(target.user, safe='')}:{password}@{host}:{target.port}"
        f"/{quote(target.database, safe='')}?sslmode={target.tls.value}"
    )


def _uri_pairs(text: str) -> Iterator[tuple[str, str]]:
    rest = text.split("://", 1)[1]
    before_query, _, query = rest.partition("?")
    authority, _, database = before_query.partition("/")
    credentials, at, address = authority.rpartition("@")
    if "@" in credentials:
        raise _invalid("An @ inside the user name or password has to be written as %40.")
    user, colon, password = credentials.partition(":")
    if at:
        yield "user", _decoded(user, "user")
    if colon:
        yield "password", _decoded(password, "password")
    yield from _address_pairs(address)
    if database:
        yield "dbname", _decoded(database, "dbname")
    for part in query.split("&") if query else ():
        key, equals, value = part.partition("=")
        if not equals:
            raise _invalid("A parameter after the ? has no value.")
        yield key, _decoded(value, key)


def _address_pairs(address: str) -> Iterator[tuple[str, str]]:
    if address.startswith("["):
        host, bracket, port = address[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise _invalid("The IPv6 address is not closed by a bracket.")
        port = port[1:]
    else:
        host, _, port = address.partition(":")
    if host:
        yield "host", _decoded(host, "host")
    if port:
        yield "port", port


def _keyword_pairs(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        found = _PAIR.match(text, position)
        if found is None:
            raise _invalid("It is neither a postgresql:// address nor a list of key=value pairs.")
        key, quoted, bare = found.groups()
        yield key, re.sub(r"\\(.)", r"\1", quoted if quoted is not None else bare, flags=re.DOTALL)
        position = found.end()


def _decoded(value: str, key: str) -> str:
    if _BAD_ESCAPE.search(value):
        raise _invalid(f"{_shown(key)} holds a % that does not begin an escape; write it as %25.")
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise _invalid(f"{_shown(key)} is not UTF-8 behind its escapes.") from None


def _host(value: str) -> str:
    if value.startswith(("/", "@")):
        raise _invalid("host is a socket path; only servers reached over the network can be used.")
    if "," in value:
        raise _invalid("host names several servers; give one.")
    if re.search(r"[\s/@?#\[\]%\\]", value) or not is_name(value):
        raise _invalid("host is neither a name nor an address.")
    return value


def _port(value: str) -> int:
    if "," in value:
        raise _invalid("port names several servers; give one.")
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 0 < int(value) < 2**16:
        raise _invalid(
            "port is not a number from 1 to 65535 (a :, / or ? inside the user name or password has to be escaped)."
        )
    return int(value)


def _tls(value: str) -> TlsMode:
    try:
        return TlsMode(value)
    except ValueError:
        raise _invalid(f"sslmode has to be one of {', '.join(TlsMode)}.") from None


def _refusal_of(key: str) -> str:
    if key == "sslrootcert":
        return "sslrootcert names a file; hand over the certificate itself beside the connection string."
    accepted = "only host, port, dbname, user, password and sslmode are accepted"
    return f"{_shown(key)} is refused; {accepted}."


def _shown(key: str) -> str:
    """A key as the error may show it: something else in its place could be half a password."""
    return key if _KEY_NAME.fullmatch(key) else "A parameter"


def _invalid(reason: str) -> ConnectionStringInvalid:
    return ConnectionStringInvalid(f"The connection string cannot be used. {reason}")
