"""Environments linked to the simulated Railway, and databases in them as they are after an adoption."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlmodel import col, select

from app.databases.access import seal_password
from app.databases.models import Database, DatabaseState, Environment, EnvironmentKind
from app.databases.reach import address
from app.events.models import Alert
from app.kit.ids import new_id
from app.platform.observing import MOST_AT_ONCE, claim_due, observe
from app.providers.railway.clients import seal_token
from app.providers.railway.credential import TokenKind
from app.providers.railway.models import RailwayConnection, RailwayObservation
from app.providers.railway.place import Place
from app.runtime import Runtime
from tests.railway_simulator.process import Simulator


async def connect(
    runtime: Runtime,
    simulator: Simulator,
    project_id: UUID,
    kind: TokenKind = TokenKind.WORKSPACE,
    *,
    token: str | None = None,
) -> RailwayConnection:
    connection_id = new_id()
    connection = RailwayConnection(
        id=connection_id,
        project_id=project_id,
        name=f"simulator-{kind}",
        kind=kind,
        token_sealed=seal_token(connection_id, SecretStr(token or simulator.tokens[kind]), runtime.key_ring),
        created_by="test",
    )
    async with runtime.sessions() as session, session.begin():
        session.add(connection)
    return connection


async def link(
    runtime: Runtime, simulator: Simulator, connection: RailwayConnection, railway_environment_id: str
) -> Environment:
    environment = Environment(
        project_id=connection.project_id,
        name=f"linked-{railway_environment_id[:8]}",
        kind=EnvironmentKind.STAGING,
        connection_id=connection.id,
        railway_project_id=simulator.project_id,
        railway_environment_id=railway_environment_id,
    )
    async with runtime.sessions() as session, session.begin():
        session.add(environment)
    return environment


async def adopt(runtime: Runtime, environment: Environment, seeded: Mapping[str, str], **changes: Any) -> Database:
    """``seeded`` is the simulator's word on one of its databases; ``changes`` are of the place."""
    assert environment.connection_id is not None
    place = Place(
        connection_id=environment.connection_id,
        project_id=environment.railway_project_id or "",
        environment_id=environment.railway_environment_id or "",
        service_id=seeded["service_id"],
        service_name=seeded["name"],
        volume_id=seeded["volume_id"],
        volume_instance_id=seeded["volume_instance_id"],
        private_host="127.77.0.1",
    ).model_copy(update=changes)
    database_id = new_id()
    database = Database(
        id=database_id,
        project_id=environment.project_id,
        environment_id=environment.id,
        name=seeded["name"],
        provider="railway",
        state=DatabaseState.AVAILABLE,
        username="postgres",
        default_database="railway",
        tls_mode="require",
        password_sealed=seal_password(database_id, SecretStr(secrets.token_urlsafe(16)), runtime.key_ring),
        provider_data=place.data(),
        created_by="test",
    )
    address(database, runtime.settings)
    async with runtime.sessions() as session, session.begin():
        session.add(database)
    return database


async def act(simulator: Simulator, query: str, **variables: Any) -> None:
    """As somebody else would, in Railway's dashboard."""
    answer = await simulator.graphql(simulator.tokens["account"], query, variables)
    assert "errors" not in answer, answer


async def row_of(runtime: Runtime, database: Database) -> Database:
    async with runtime.sessions() as session:
        return await session.get_one(Database, database.id)


async def observation(runtime: Runtime) -> RailwayObservation:
    async with runtime.sessions() as session:
        return (await session.exec(select(RailwayObservation))).one()


async def alerts(runtime: Runtime) -> Sequence[Alert]:
    async with runtime.sessions() as session:
        return (await session.exec(select(Alert).order_by(col(Alert.id)))).all()


async def look(runtime: Runtime) -> int:
    """Everything that is due, as a worker does it; how much that was."""
    rows = await claim_due(runtime, MOST_AT_ONCE)
    for row in rows:
        await observe(runtime, row)
    return len(rows)


async def look_again(runtime: Runtime) -> None:
    """At the one environment, whether it is due or not."""
    async with runtime.sessions() as session, session.begin():
        for row in (await session.exec(select(RailwayObservation))).all():
            row.due_at, row.claimed_until = runtime.clock(), None
    assert await look(runtime) == 1
