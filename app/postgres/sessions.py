"""Sessions of ours that are still there although whoever opened them is not."""

from app.postgres.connect import Target, connect

_END = """
SELECT pg_catalog.count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity
 WHERE application_name = $1 AND pid <> pg_catalog.pg_backend_pid()
"""


async def end_sessions(target: Target, *, application_name: str) -> int:
    """Ends every session of that name on the whole server; says how many there were."""
    async with connect(target, application_name="pgmanager cleanup") as session:
        return int(await session.fetchval(_END, application_name))
