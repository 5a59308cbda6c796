"""The head of an archive and the entries of its table of contents."""

import codecs
import re
import string
from datetime import datetime
from sys import intern

from app.postgres.archive.errors import ArchiveVersionUnknown
from app.postgres.archive.fields import INT_SIZE, OFFSET_SIZE, Fields, NeedMore
from app.postgres.archive.index import ArchiveHead, Compression, Entry, Section

MAGIC = b"PGDMP"
CUSTOM_FORMAT = 1

# 1.14 is written by clients 12 to 15, 1.15 by 16, 1.16 by 17 and 18.
OLDEST, NEWEST = (1, 14), (1, 16)
WITH_ALGORITHM, WITH_RELKIND = (1, 15), (1, 16)

ALGORITHMS = (Compression.NONE, Compression.GZIP, Compression.LZ4, Compression.ZSTD)

# pg_class.relkind is one ASCII letter.
RELATION_KINDS = frozenset(string.ascii_letters.encode())

# What the format says of an entry's data: where they are is unknown (written to a pipe), known, or there are none.
UNKNOWN, KNOWN, ABSENT = 1, 2, 3


def read_head(fields: Fields) -> ArchiveHead:
    start = fields.position
    if fields.raw(len(MAGIC)) != MAGIC:
        raise fields.damage("it does not begin as an archive of pg_dump's custom format", start)
    version = (fields.byte(), fields.byte(), fields.byte())
    if not OLDEST <= version[:2] <= NEWEST:
        raise ArchiveVersionUnknown(
            f"The archive has version {_dotted(version)}; versions {_dotted(OLDEST)} to {_dotted(NEWEST)}, which "
            "pg_dump 12 to 18 writes, can be read. Make it again with one of these.",
            offset=len(MAGIC),
        )
    sizes = fields.position
    int_size, offset_size, archive_format = fields.byte(), fields.byte(), fields.byte()
    if (int_size, offset_size, archive_format) != (INT_SIZE, OFFSET_SIZE, CUSTOM_FORMAT):
        raise fields.damage("the sizes of numbers or the format are unknown", sizes)
    return ArchiveHead(
        version=version,
        int_size=int_size,
        offset_size=offset_size,
        format=archive_format,
        compression=_compression(fields, version),
        created_local=_created(fields),
        database=decode(fields.text(), "utf-8") or "",
        server_version=decode(fields.text(), "utf-8") or "",
        client_version=decode(fields.text(), "utf-8") or "",
    )


def read_entry(fields: Fields, version: tuple[int, int, int], encoding: str) -> tuple[Entry, str]:
    """The entry and the encoding of the texts that follow: the first entry of an archive says which one it is."""
    start = fields.position
    dump_id = fields.integer()
    if dump_id <= 0:
        raise fields.damage("the number of an entry is not positive", start)
    had_dumper = fields.flag()
    fields.decimal()  # the catalogue that the oid is from
    oid = fields.decimal()
    tag, desc = decode(fields.text(), encoding), decode(fields.text(), encoding)
    if oid is None or tag is None or not desc:
        raise fields.damage("an entry lacks its oid, name or kind", start)
    section = _section(fields)
    if desc == "ENCODING":
        encoding = entry_encoding(fields.text() or b"")
    else:
        fields.skip_text()  # the definition
    fields.skip_text()  # the DROP statement
    copy_statement = decode(fields.text(), encoding)
    namespace = decode(fields.text(), encoding)
    fields.skip_text()  # the tablespace
    tableam = decode(fields.text(), encoding)
    relkind = _relkind(fields) if version >= WITH_RELKIND else None
    owner = decode(fields.text(), encoding)
    with_oids = fields.position
    if fields.text() != b"false":
        raise fields.damage("a table has oids, which no supported server can restore", with_oids)
    dependencies = []
    while (dependency := fields.decimal()) is not None:
        dependencies.append(dependency)
    entry = Entry(
        dump_id=dump_id,
        oid=oid,
        tag=tag,
        desc=intern(desc),
        namespace=intern(namespace) if namespace else None,
        owner=intern(owner) if owner else None,
        section=section,
        had_dumper=had_dumper,
        tableam=tableam or None,
        relkind=relkind,
        copy_statement=copy_statement or None,
        dependencies=tuple(dependencies),
        recorded_offset=_recorded_offset(fields, had_dumper=had_dumper),
    )
    return entry, encoding


def entries_of(header: bytes) -> tuple[Entry, ...]:
    """All of the table of contents, in the archive's order; ``header`` is its first ``header_length`` bytes.

    Raises ArchiveDamaged.
    """
    fields = Fields(header, 0, 0)
    version = read_head(fields).version
    found, encoding = [], "utf-8"
    try:
        for _ in range(fields.natural()):
            entry, encoding = read_entry(fields, version, encoding)
            found.append(entry)
    except NeedMore:
        raise fields.damage("the table of contents ends early", fields.position) from None
    return tuple(found)


def decode(value: bytes | None, encoding: str) -> str | None:
    """A server with encoding SQL_ASCII may hold names in any bytes at all: those are kept readable, not refused."""
    return None if value is None else value.decode(encoding, "backslashreplace")


def _compression(fields: Fields, version: tuple[int, int, int]) -> Compression:
    start = fields.position
    if version < WITH_ALGORITHM:
        # Only a zlib level stands here; -1 is zlib's own default.
        level = fields.integer()
        if not -1 <= level <= 9:  # noqa: PLR2004 (zlib's range)
            raise fields.damage("the compression level is unknown", start)
        return Compression.GZIP if level else Compression.NONE
    algorithm = fields.byte()
    if algorithm >= len(ALGORITHMS):
        raise fields.damage("the compression is unknown", start)
    return ALGORITHMS[algorithm]


def _created(fields: Fields) -> str:
    start = fields.position
    second, minute, hour, day, month, year, _daylight_saving = (fields.integer() for _ in range(7))
    try:
        # A leap second counts as the one before it.
        moment = datetime(year + 1900, month + 1, day, hour, minute, min(second, 59))  # noqa: DTZ001 (none is stored)
    except (ValueError, OverflowError):
        raise fields.damage("the time of its making is no time", start) from None
    return moment.isoformat()


def _section(fields: Fields) -> Section:
    start = fields.position
    try:
        return Section(fields.integer())
    except ValueError:
        raise fields.damage("the section of an entry is unknown", start) from None


def _relkind(fields: Fields) -> str | None:
    start = fields.position
    code = fields.natural()
    if not code:
        return None
    if code not in RELATION_KINDS:
        raise fields.damage("the kind of a relation is unknown", start)
    return chr(code)


def _recorded_offset(fields: Fields, *, had_dumper: bool) -> int | None:
    start = fields.position
    state = fields.byte()
    offset = int.from_bytes(fields.raw(OFFSET_SIZE), "little")
    if state not in (UNKNOWN, KNOWN, ABSENT) or (state == ABSENT) is had_dumper:
        raise fields.damage("it is unclear whether an entry has data", start)
    return offset if state == KNOWN else None


def entry_encoding(definition: bytes) -> str:
    """Python's name of the encoding in ``SET client_encoding = 'NAME';``, UTF-8 where it has none."""
    found = re.search(rb"'([A-Za-z0-9_]+)'", definition)
    name = found[1].decode() if found else "UTF8"
    try:
        return codecs.lookup(re.sub("^WIN", "cp", name)).name
    except LookupError:
        return "utf-8"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)
