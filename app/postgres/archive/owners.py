"""Other owners for the objects of an archive, written into its table of contents.

pg_restore takes an object's owner from a field of its own and not from the SQL beside it, so this needs no SQL to be
understood or changed. An archive that comes by a pipe is read forward only, so it does not matter that the bytes behind
the table of contents move.
"""

from collections.abc import Callable

from app.postgres.archive.fields import INT, OFFSET_SIZE, Fields
from app.postgres.archive.toc import WITH_RELKIND, decode, entry_encoding, read_head

OwnerOf = Callable[[str], str | None]


def with_owners(header: bytes, owner_of: OwnerOf) -> bytes:
    """``header`` is the first ``header_length`` bytes of an archive. An owner of None leaves the object to who restores.

    Raises ArchiveDamaged.
    """
    fields = Fields(header, 0, 0)
    version = read_head(fields).version
    pieces: list[bytes] = []
    copied, encoding = 0, "utf-8"
    for _ in range(fields.natural()):
        encoding = _to_owner(fields, version, encoding)
        start = fields.position
        owner = decode(fields.text(), encoding)
        if owner:
            pieces += (header[copied:start], _text((owner_of(owner) or "").encode(encoding)))
            copied = fields.position
        _past_owner(fields)
    return b"".join((*pieces, header[copied:]))


def _to_owner(fields: Fields, version: tuple[int, int, int], encoding: str) -> str:
    """Reads an entry up to its owner; the encoding from here on."""
    fields.integer()  # dump id
    fields.flag()  # has data
    fields.decimal()  # catalogue
    fields.decimal()  # oid
    fields.skip_text()  # tag
    desc = fields.text()
    fields.integer()  # section
    if desc == b"ENCODING":
        encoding = entry_encoding(fields.text() or b"")
    else:
        fields.skip_text()  # definition
    # DROP statement, COPY statement, schema, tablespace, access method
    for _ in range(5):
        fields.skip_text()
    if version >= WITH_RELKIND:
        fields.integer()
    return encoding


def _past_owner(fields: Fields) -> None:
    fields.skip_text()  # with oids
    while fields.decimal() is not None:
        pass  # dependencies
    fields.byte()  # whether the data's place is known
    fields.raw(OFFSET_SIZE)


def _text(value: bytes) -> bytes:
    return INT.pack(0, len(value)) + value
