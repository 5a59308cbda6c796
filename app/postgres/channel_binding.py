"""Whether whoever shows a certificate also knows the verifier of our password: then it is the server's own.

SCRAM-SHA-256-PLUS covers the server's certificate with the proof that each side gives the other, so somebody in between
who shows a certificate of his own, or passes our proof on, fails. asyncpg cannot do it; libpq can.
"""

import asyncio
from dataclasses import replace
from typing import Final

from app.postgres.connect import Target, TlsMode, libpq_environment, libpq_secrets
from app.postgres.process import run
from app.postgres.toolchain import Ability, Toolchain

_SECONDS: Final = 15.0
_LONGEST_REASON: Final = 300


async def unproven(toolchain: Toolchain, target: Target, root_pem: str) -> str | None:
    """Why it is not proven that the server of ``target`` owns a certificate signed by ``root_pem``; None if it is.

    Any failure leaves it unproven: it may as well be the network's.
    """
    able = [one for one in toolchain.installations if Ability.TLS in one.abilities]
    if not able:
        return "no psql with TLS is on this machine (Debian's package postgresql-client)"
    pinned = replace(target, tls=TlsMode.VERIFY_CA, ca_pem=root_pem)
    environment = libpq_environment(pinned, application_name="pgmanager certificate", connect_timeout_seconds=10)
    client = max(able, key=lambda one: one.major)
    try:
        finished = await run(
            [*client.command("psql"), "--no-psqlrc", "--no-password", "--quiet", "--command=SELECT"],
            env=environment | {"PGCHANNELBINDING": "require"},
            secrets=libpq_secrets(pinned),
            timeout_seconds=_SECONDS,
        )
    except (TimeoutError, asyncio.IncompleteReadError):
        return "the login took too long"
    if finished.returncode == 0:
        return None
    said = " ".join(line.strip() for line in finished.stderr_lines)
    return said[:_LONGEST_REASON] or f"psql ended with {finished.returncode}"
