"""Names and values inside SQL that takes no parameters, such as CREATE DATABASE."""


def quoted(identifier: str) -> str:
    """``identifier`` as PostgreSQL reads it back unchanged, whatever characters it has. A NUL cannot be in a name."""
    if "\0" in identifier:
        raise ValueError("a PostgreSQL name cannot hold a NUL character")
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: str) -> str:
    """``value`` as a string constant that means the same with standard_conforming_strings on and off."""
    if "\0" in value:
        raise ValueError("a PostgreSQL string cannot hold a NUL character")
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f" E'{escaped}'" if "\\" in value else f"'{escaped}'"
