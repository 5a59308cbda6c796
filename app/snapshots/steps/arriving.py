"""The end of a restore: whether the server on the restored volume takes our login."""

from typing import Final

from app.databases.access import target_of
from app.databases.models import Database, DatabaseState
from app.databases.reach import Reach
from app.databases.repository import DatabaseRepository
from app.errors import Problem
from app.kit.ids import encode_id
from app.postgres.errors import AuthenticationFailed
from app.postgres.version import server_version
from app.runtime import Runtime
from app.snapshots.steps.restore_memo import RestoreRun
from app.snapshots.steps.writing import database_of, passed

# Recovery from a crash reads the log since the last checkpoint.
ANSWER_SECONDS: Final = 900.0


async def arrive(runtime: Runtime, run: RestoreRun) -> bool:
    """Whether the database has left `restoring`; False: not yet, ask again. Raises what the login raises, in the end."""
    database = await database_of(run)
    if database.reach == Reach.NONE:
        await run.warn(
            "Nothing of this installation reaches the server, so nobody has logged in to it. Railway says that its container "
            "runs; look whether your application gets its data."
        )
        await _leave(run, DatabaseState.AVAILABLE)
        return True
    try:
        version, major = await server_version(target_of(database, runtime.key_ring))
    except AuthenticationFailed as refused:
        await run.warn(_other_password(database))
        await _leave(run, DatabaseState.UNREACHABLE, state_reason=f"{refused.detail} {_other_password(database)}")
        return True
    except Problem as problem:
        if not problem.retryable or passed(runtime, run.memo.deployed_at, ANSWER_SECONDS):
            raise
        run.report(detail=problem.detail)
        return False
    await _leave(run, DatabaseState.AVAILABLE, server_version=version, server_major=major)
    return True


async def _leave(run: RestoreRun, to: DatabaseState, **values: object) -> None:
    async with run.writing() as session:
        await DatabaseRepository(session).move(
            run.args.database_id, frm={DatabaseState.RESTORING}, to=to, job_id=run.id, **values
        )


def _other_password(database: Database) -> str:
    return (
        f"The snapshot is from before a change of the password: the server now expects the one that {database.username} had "
        "then, and Railway's variables hold the later one. Set it in the server to what POSTGRES_PASSWORD says "
        f"(ALTER ROLE, from a shell in the service), then restart {encode_id('db', database.id)}."
    )
