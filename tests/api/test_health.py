import httpx
from sqlalchemy import text

from app.db.sql import run_sql
from app.kit.ids import new_id
from app.runtime import Runtime


async def test_readiness_names_its_parts(client: httpx.AsyncClient, runtime: Runtime) -> None:
    assert (await client.get("/livez")).json() == {"status": "ok"}
    answer = await client.get("/readyz?verbose")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")  # no worker has been seen
    assert answer.json()["parts"] == {"draining": "ok", "database": "ok", "migrations": "ok", "worker": "silent"}
    assert (await client.get("/readyz")).json() == {"status": "degraded"}
    async with runtime.sessions() as session, session.begin():
        statement = "INSERT INTO worker (id, host_id, labels, concurrency, version) VALUES ('w', :host, '{}', 1, '1')"
        await run_sql(session, text(statement), {"host": new_id()})
    assert (await client.get("/readyz")).json() == {"status": "ok"}
    runtime.stopping.set()
    draining = await client.get("/readyz")
    assert (draining.status_code, draining.json()) == (503, {"status": "unready"})


async def test_a_database_that_lacks_a_migration_is_not_ready_and_one_ahead_is(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    async def pretend(revision: str) -> tuple[int, str]:
        async with runtime.sessions() as session, session.begin():
            await run_sql(session, text("DELETE FROM alembic_version"))
            if revision:
                statement = "INSERT INTO alembic_version VALUES (:revision)"
                await run_sql(session, text(statement), {"revision": revision})
        answer = await client.get("/readyz?verbose")
        return answer.status_code, answer.json()["parts"]["migrations"].partition(":")[0]

    assert await pretend("") == (503, "pending")
    assert await pretend("of a newer release") == (200, "ok")
