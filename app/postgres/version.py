"""Which PostgreSQL answers at an address."""

from app.postgres.connect import Target, connect


async def server_version(target: Target) -> tuple[str, int]:
    """The version as the server prints it and its major, such as ("15.18", 15). Raises what ``connect`` raises."""
    async with connect(target, application_name="pgmanager version") as connection:
        version = await connection.fetchval("SELECT current_setting('server_version')")
        number = await connection.fetchval("SELECT current_setting('server_version_num')::int")
    # Debian prints "15.18 (Debian 15.18-0+deb12u1)".
    return str(version).split(" ", 1)[0], int(number) // 10_000
