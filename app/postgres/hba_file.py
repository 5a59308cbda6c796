"""The file of those rules, read and written through a session of a superuser, where nobody of us has its disk."""

from typing import Final

import asyncpg

from app.postgres.connect import Session

_PATH: Final = "SELECT pg_catalog.current_setting('hba_file')"
_READ: Final = "SELECT pg_catalog.pg_read_binary_file($1)"
_KEPT: Final = ".before-pgmanager"


class NotWritable(Exception):
    """The server may not write the file, in its own words."""


async def read_file(session: Session) -> tuple[str, str]:
    """Its path and its text. Bytes that are no UTF-8 survive being written back."""
    path = str(await session.fetchval(_PATH))
    content: bytes = await session.fetchval(_READ, path)
    return path, content.decode(errors="surrogateescape")


async def write_file(session: Session, path: str, text: str, *, former: str | None = None) -> None:
    """As it is, byte for byte: by way of a large object that nobody else sees.

    ``former`` is kept beside it before the file is touched, which also tells whether there is a right to write, and room.
    Raises NotWritable.
    """
    try:
        if former is not None:
            await _export(session, path + _KEPT, former)
        await _export(session, path, text)
    except (
        asyncpg.InsufficientPrivilegeError,
        asyncpg.PostgresSystemError,
        asyncpg.InsufficientResourcesError,
    ) as error:
        raise NotWritable(str(error)) from error
    except (asyncpg.UndefinedFileError, asyncpg.ReadOnlySQLTransactionError) as error:
        raise NotWritable(str(error)) from error


async def _export(session: Session, path: str, text: str) -> None:
    async with session.transaction():
        content = text.encode(errors="surrogateescape")
        number = await session.fetchval("SELECT pg_catalog.lo_from_bytea(0, $1)", content)
        await session.fetchval("SELECT pg_catalog.lo_export($1, $2)", number, path)
        await session.fetchval("SELECT pg_catalog.lo_unlink($1)", number)


async def reload(session: Session) -> None:
    await session.fetchval("SELECT pg_catalog.pg_reload_conf()")
