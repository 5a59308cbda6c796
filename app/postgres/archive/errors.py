from app.errors import Unprocessable


class ArchiveDamaged(Unprocessable):
    """The bytes are not one whole custom-format archive. The member ``offset`` is where that was noticed."""

    code, title = "ARCHIVE_DAMAGED", "The archive is damaged"


class ArchiveVersionUnknown(ArchiveDamaged):
    """An archive of a format that is older or newer than those whose layout is known here: not damaged, not readable."""

    code, title = "ARCHIVE_VERSION_UNKNOWN", "The archive has an unknown version"
