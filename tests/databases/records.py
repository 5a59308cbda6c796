"""Projects made over HTTP, and databases put straight into the table: making those belongs to provisioning."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr

from app.databases.access import seal_password
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository, ProjectRepository
from app.kit.ids import decode_id, new_id
from app.postgres.connect import Target
from app.runtime import Runtime


async def create_project(client: httpx.AsyncClient, headers: dict[str, str], name: str = "shop") -> UUID:
    answer = await client.post("/v1/projects", json={"name": name}, headers=headers)
    assert answer.status_code == 201, answer.text
    return decode_id("prj", answer.json()["id"])


async def add_database(
    runtime: Runtime,
    project_id: UUID,
    name: str = "main",
    *,
    target: Target | None = None,
    database_id: UUID | None = None,
    **values: Any,
) -> Database:
    """Without a ``target`` it has no address yet."""
    database_id = database_id or new_id()
    if target is not None:
        values |= {
            "host": target.host,
            "port": target.port,
            "username": target.user,
            "default_database": target.database,
            "tls_mode": target.tls.value,
            "ca_pem": target.ca_pem,
            "password_sealed": seal_password(database_id, target.password, runtime.key_ring),
        }
    async with runtime.sessions() as session, session.begin():
        environment = await ProjectRepository(session).production_of(project_id, hold=True)
        assert environment is not None
        values = {
            "environment_id": environment.id,
            "provider": "local",
            "state": DatabaseState.AVAILABLE if target else DatabaseState.CREATING,
            **values,
        }
        database = Database(id=database_id, project_id=project_id, name=name, created_by="test", **values)
        await DatabaseRepository(session).add(database)
    return database


def somewhere(**changes: Any) -> Target:
    """An address that nothing listens at."""
    target = Target("db.internal", 5432, "postgres", SecretStr("p@ss/word%*"), "railway")
    return replace(target, **changes)
