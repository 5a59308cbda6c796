"""Which settings are not for callers, which are dangerous, and which may hold a secret."""

import re
from collections.abc import Mapping
from typing import Final

from app.databases.models import ProviderName
from app.postgres.parameters import Context, Parameter, Source

_OURS: Final = "the platform decides it, and the server would be lost with another value"
_RESERVED: Final = frozenset(
    {
        "config_file",
        "data_directory",
        "external_pid_file",
        "hba_file",
        "ident_file",
        "listen_addresses",
        "port",
        "unix_socket_directories",
        "unix_socket_group",
        "unix_socket_permissions",
    }
)
# Certificates are made and renewed by whoever runs the server.
_TLS: Final = re.compile(r"ssl|ssl_.*")
_TLS_IS_OURS: Final = frozenset({ProviderName.LOCAL, ProviderName.RAILWAY})
# Connection strings and commands carry passwords and keys of stores.
_SECRET: Final = frozenset(
    {
        "archive_cleanup_command",
        "archive_command",
        "primary_conninfo",
        "recovery_end_command",
        "restore_command",
        "ssl_passphrase_command",
    }
)
_SECRET_WORDS: Final = re.compile(r"secret|token|passw|passphrase|credential|conninfo|(api|private|access)_?key|jwt")

_WARNINGS: Final[Mapping[str, str]] = {
    "fsync": "off loses or corrupts all data when the machine stops.",
    "full_page_writes": "off leaves torn pages after a crash.",
    "synchronous_commit": "off loses the last transactions that were confirmed when the server crashes.",
    "zero_damaged_pages": "on destroys damaged rows when they are read.",
    "ignore_checksum_failure": "on hides damage and spreads it.",
    "ignore_system_indexes": "on is for repairing a broken catalogue only.",
    "allow_system_table_mods": "on lets statements break the catalogue.",
    "autovacuum": "off lets tables grow until the server stops to protect its transaction ids.",
    "track_counts": "off blinds autovacuum.",
    "wal_level": "minimal ends replication and the archive.",
    "synchronous_standby_names": "each commit waits for these standbys, for ever when they are away.",
    "password_encryption": "md5 keeps passwords in a form that can be replayed.",
    "log_statement": "statements stand in the log with the values in them.",
    "max_connections": "each connection needs memory; look at a pooler first.",
    "work_mem": "it is taken for each sort and hash of each session.",
    "default_transaction_read_only": "on lets no application write.",
}


def is_secret(name: str) -> bool:
    """Whether a value may hold a secret: it is not shown, and not taken. Names with a dot are anybody's invention."""
    return name.lower() in _SECRET or ("." in name and _SECRET_WORDS.search(name.lower()) is not None)


def warning_of(name: str) -> str | None:
    return _WARNINGS.get(name.lower())


def reason_against(parameter: Parameter, provider: str, *, for_system: bool) -> str | None:
    """Why nobody may change it by us; None where they may."""
    name = parameter.name
    if parameter.context is Context.INTERNAL:
        return "it is fixed when the server is built or its data directory made"
    if name in _RESERVED or (_TLS.fullmatch(name) and provider in _TLS_IS_OURS):
        return _OURS
    if is_secret(name):
        return "its value may hold a secret, which does not belong into settings that others read"
    if for_system and parameter.source is Source.COMMAND_LINE:
        return "the command line of the server sets it, which goes before anything that is written"
    return None
