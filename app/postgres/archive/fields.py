"""The field types of a custom-format archive, read from a stretch of it."""

from struct import Struct

from app.postgres.archive.errors import ArchiveDamaged

# A sign byte, then the magnitude, lowest byte first. pg_dump writes the size of its own int (4) into the head; no
# platform that PostgreSQL runs on has another, so another is damage.
INT = Struct("<BI")
INT_SIZE, INT_MAX = 4, 2**31 - 1
OFFSET_SIZE = 8
MAX_DIGITS = len(str(2**32))

# No definition is near this; a damaged length must not make us keep the whole stream in memory.
MAX_TEXT_BYTES = 64 * 2**20


class NeedMore(Exception):
    """The stretch ends inside a field: read it again when more has come."""


class Fields:
    """A cursor over ``data``, whose first byte is at ``base`` in the archive.

    ``position`` may lie behind the end of ``data`` after a payload was skipped: the rest of it is still to come.
    """

    __slots__ = ("base", "data", "position")

    def __init__(self, data: bytes, base: int, position: int) -> None:
        self.data = data
        self.base = base
        self.position = position

    def raw(self, length: int) -> bytes:
        start = self.position
        self._pass(length)
        return self.data[start : self.position]

    def byte(self) -> int:
        start = self.position
        self._pass(1)
        return self.data[start]

    def integer(self) -> int:
        start = self.position
        self._pass(INT.size)
        sign: int
        magnitude: int
        sign, magnitude = INT.unpack_from(self.data, start)
        if sign > 1 or magnitude > INT_MAX:
            raise self.damage("a number is out of range", start)
        return -magnitude if sign else magnitude

    def natural(self) -> int:
        start = self.position
        value = self.integer()
        if value < 0:
            raise self.damage("a number is negative that cannot be", start)
        return value

    def text(self) -> bytes | None:
        length = self._text_length()
        if length is None:
            return None
        start = self.position
        value = self.raw(length)
        if b"\0" in value:
            raise self.damage("a text holds a zero byte", start)
        return value

    def skip_text(self) -> None:
        self._pass(self._text_length() or 0)

    def flag(self) -> bool:
        start = self.position
        value = self.integer()
        if value not in (0, 1):
            raise self.damage("a flag is neither 0 nor 1", start)
        return value == 1

    def decimal(self) -> int | None:
        """A number that the format writes as text."""
        start = self.position
        value = self.text()
        if value is None:
            return None
        if not value.isdigit() or len(value) > MAX_DIGITS:
            raise self.damage("a text that must be a number is none", start)
        return int(value)

    def skip_payload(self) -> bool:
        """Skip the pieces (length, bytes) of a payload; True when its terminator, a length of zero, was read.

        An uncompressed archive has a piece per row, so this loop is the only place here whose speed matters.
        """
        position, last, read = self.position, len(self.data) - INT.size, INT.unpack_from
        while position <= last:
            sign, length = read(self.data, position)
            if sign or length > INT_MAX:
                raise self.damage("the length of a piece of data is out of range", position)
            position += INT.size + length
            if not length:
                self.position = position
                return True
        self.position = position
        return False

    def damage(self, what: str, position: int) -> ArchiveDamaged:
        return damage_at(self.base + position, what)

    def _text_length(self) -> int | None:
        start = self.position
        length = self.integer()
        if length < -1 or length > MAX_TEXT_BYTES:
            raise self.damage("the length of a text is out of range", start)
        return None if length == -1 else length

    def _pass(self, length: int) -> None:
        end = self.position + length
        if end > len(self.data):
            raise NeedMore
        self.position = end


def damage_at(offset: int, what: str) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"The archive cannot be used: at byte {offset}, {what}. Take another copy of it, or a new backup.",
        offset=offset,
    )
