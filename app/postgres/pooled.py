"""Sessions through a pooler, which refuses settings in the first message and changes servers between transactions."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from app.postgres.connect import Session, Target, TlsMode, tls_context
from app.postgres.errors import DRIVER_ERRORS, closed_early, translate

_CLOSE_SECONDS: Final = 5.0


@asynccontextmanager
async def connect_pooled(target: Target, *, application_name: str, timeout_seconds: float) -> AsyncGenerator[Session]:
    """For a few statements inside one transaction, none of which outlives it. Without limits of the server's own.

    Raises what ``connect`` raises.
    """
    try:
        connection = await asyncpg.connect(
            host=target.host,
            port=target.port,
            user=target.user,
            password=target.password.get_secret_value(),
            database=target.database,
            ssl=False if target.tls is TlsMode.DISABLE else tls_context(target),
            direct_tls=False,
            target_session_attrs=SessionAttribute.any,
            krbsrvname="postgres",
            gsslib="gssapi",
            timeout=timeout_seconds,
            command_timeout=timeout_seconds,
            statement_cache_size=0,
            server_settings={"application_name": application_name},
        )
    except asyncpg.ConnectionDoesNotExistError as error:
        raise closed_early(target) from error
    except (OSError, *DRIVER_ERRORS) as error:
        raise translate(error, target) from error
    try:
        async with connection.transaction():
            yield connection
    except DRIVER_ERRORS as error:
        raise translate(error, target) from error
    finally:
        with suppress(OSError, *DRIVER_ERRORS):
            await connection.close(timeout=_CLOSE_SECONDS)
