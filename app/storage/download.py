"""How a browser names what it downloads."""

from urllib.parse import quote


def attachment(filename: str) -> str:
    """The Content-Disposition (RFC 6266) for ``filename``: plain for old programs, in UTF-8 for the others."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
