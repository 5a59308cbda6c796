"""The root certificate that a server keeps beside its own, which it need not send: read by SQL, as a superuser."""

from typing import Final

import asyncpg
from cryptography import x509

from app.postgres.certificate_facts import certificates_in
from app.postgres.connect import Session

# Where ``ssl_ca_file`` leads, else root.crt beside the server's certificate. Names without a slash are in the data directory.
_PATHS: Final = """
SELECT path FROM unnest(ARRAY[
         pg_catalog.current_setting('ssl_ca_file'),
         pg_catalog.regexp_replace(pg_catalog.current_setting('ssl_cert_file'), '[^/]*$', 'root.crt')
       ]) WITH ORDINALITY AS p(path, position)
 WHERE path <> '' ORDER BY position
"""
_READ: Final = "SELECT pg_catalog.pg_read_file($1, 0, 65536, true)"


async def root_certificates(session: Session) -> list[x509.Certificate]:
    """None for who may not read files of the server, and where there is none."""
    found: list[x509.Certificate] = []
    try:
        for row in await session.fetch(_PATHS):
            found += certificates_in(await session.fetchval(_READ, row["path"]) or "")
    except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedFileError, asyncpg.DataError):
        return found
    return found
