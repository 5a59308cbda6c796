"""What an archive says of the database that it was taken from, where nobody asked that database itself.

It stands in SQL that pg_dump wrote, so it is looked for and never run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.postgres.archive.fields import OFFSET_SIZE, Fields, NeedMore
from app.postgres.archive.toc import WITH_RELKIND, decode, entry_encoding, read_head

_OPTION: Final = re.compile(
    r"\b(ENCODING|LOCALE_PROVIDER|LOCALE|LC_COLLATE|LC_CTYPE|ICU_LOCALE|BUILTIN_LOCALE) = (?:'((?:[^']|'')*)'|(\w+))"
)
_NAME: Final = r'(?:"(?:[^"]|"")*"|[\w$]+)'
_ROLES: Final = re.compile(rf"\b(?:TO|FROM|FOR ROLE|FOR USER) ((?:{_NAME}, )*{_NAME})(?= |;|$)")
_SCHEMA: Final = re.compile(rf"\bWITH SCHEMA ({_NAME})")
_NO_ROLES: Final = frozenset({"public", "current_user", "session_user", "current_role"})
_NAMING_ROLES: Final = frozenset({"ACL", "DEFAULT ACL", "POLICY"})


@dataclass(frozen=True, slots=True)
class Origin:
    """``locale`` is that of the providers icu and builtin. ``extensions`` are names with their schemas."""

    owner: str
    encoding: str
    collate: str
    ctype: str
    provider: str
    locale: str | None
    roles: tuple[str, ...]
    extensions: tuple[tuple[str, str], ...]


def origin_of(header: bytes) -> Origin:
    """``header`` is the first ``header_length`` bytes of an archive. Raises ArchiveDamaged."""
    owner, encoding, options, roles, extensions = "", "UTF8", {}, set(), []
    for desc, tag, definition, entry_owner in _entries(header):
        if entry_owner:
            roles.add(entry_owner)
        if desc == "ENCODING" and (found := re.search(r"'(\w+)'", definition)):
            encoding = found[1]
        elif desc == "DATABASE":
            owner, options = entry_owner, _options(definition)
        elif desc == "EXTENSION":
            schema = _SCHEMA.search(definition)
            extensions.append((tag, _unquoted(schema[1]) if schema else "public"))
        elif desc in _NAMING_ROLES:
            roles |= {role for names in _ROLES.findall(definition) for role in _split(names)}
    plain = options.get("LOCALE", "C")
    provider = options.get("LOCALE_PROVIDER", "libc")
    return Origin(
        owner=owner,
        encoding=options.get("ENCODING", encoding),
        collate=options.get("LC_COLLATE", plain),
        ctype=options.get("LC_CTYPE", plain),
        provider=provider,
        locale=options.get("ICU_LOCALE") or options.get("BUILTIN_LOCALE") or (plain if provider != "libc" else None),
        roles=tuple(sorted(roles)),
        extensions=tuple(sorted(extensions)),
    )


def _entries(header: bytes) -> Iterator[tuple[str, str, str, str]]:
    """Kind, name, definition and owner of each."""
    fields = Fields(header, 0, 0)
    version = read_head(fields).version
    encoding = "utf-8"
    try:
        for _ in range(fields.natural()):
            fields.integer()  # dump id
            fields.flag()  # has data
            fields.decimal()  # catalogue
            fields.decimal()  # oid
            tag, desc = fields.text(), decode(fields.text(), encoding) or ""
            fields.integer()  # section
            definition = fields.text() or b""
            if desc == "ENCODING":
                encoding = entry_encoding(definition)
            # DROP statement, COPY statement, schema, tablespace, access method
            for _ in range(5):
                fields.skip_text()
            if version >= WITH_RELKIND:
                fields.integer()
            owner = decode(fields.text(), encoding) or ""
            fields.skip_text()  # with oids
            while fields.decimal() is not None:
                pass  # dependencies
            fields.byte()  # whether the data's place is known
            fields.raw(OFFSET_SIZE)
            yield desc, decode(tag, encoding) or "", decode(definition, encoding) or "", owner
    except NeedMore:
        raise fields.damage("the table of contents ends early", fields.position) from None


def _options(definition: str) -> dict[str, str]:
    return {name: (quoted or bare).replace("''", "'") for name, quoted, bare in _OPTION.findall(definition)}


def _split(names: str) -> set[str]:
    return {_unquoted(name) for name in re.findall(_NAME, names)} - _NO_ROLES - {"PUBLIC"}


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
