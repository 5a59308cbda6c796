"""The alert of a server that is out of reach follows the state of its database."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlmodel import col, select

from app.databases.models import DatabaseState
from app.databases.repository import DatabaseRepository
from app.events.alerts import open_alert
from app.events.models import Alert, AlertType
from app.kit.ids import encode_id
from app.runtime import Runtime
from tests.databases.records import add_database, somewhere


async def move(runtime: Runtime, database_id: UUID, *states: DatabaseState, reason: str | None = None) -> None:
    for state in states:
        async with runtime.sessions() as session, session.begin():
            databases = DatabaseRepository(session)
            assert await databases.move(database_id, frm=frozenset(DatabaseState), to=state, state_reason=reason)


async def alerts(runtime: Runtime) -> Sequence[Alert]:
    async with runtime.sessions() as session:
        return (await session.exec(select(Alert).order_by(col(Alert.id)))).all()


@pytest.mark.parametrize("away", [DatabaseState.UNREACHABLE, DatabaseState.MISSING])
async def test_an_alert_is_open_until_the_database_is_available(
    runtime: Runtime, project_id: UUID, away: DatabaseState
) -> None:
    database = await add_database(runtime, project_id, target=somewhere())
    await move(runtime, database.id, away, reason="no route to it")
    await move(runtime, database.id, DatabaseState.RESTARTING)
    (alert,) = await alerts(runtime)
    assert (alert.key, alert.cleared_at) == (f"database.unreachable:{encode_id('db', database.id)}", None)
    assert (alert.project_id, alert.database_id, alert.detail) == (project_id, database.id, "no route to it")
    assert alert.title == f"The database main is {away}"

    await move(runtime, database.id, DatabaseState.AVAILABLE)
    (alert,) = await alerts(runtime)
    assert alert.cleared_reason == "it is available"


async def test_states_of_healthy_work_alert_nobody(runtime: Runtime, project_id: UUID) -> None:
    database = await add_database(runtime, project_id, target=somewhere())
    healthy = set(DatabaseState) - {DatabaseState.UNREACHABLE, DatabaseState.MISSING}
    await move(runtime, database.id, *sorted(healthy))
    assert await alerts(runtime) == []


async def test_with_the_database_end_the_alerts_of_its_server_but_not_those_of_its_backups(
    runtime: Runtime, project_id: UUID
) -> None:
    database = await add_database(runtime, project_id, target=somewhere())
    other = await add_database(runtime, project_id, "other", target=somewhere())
    await move(runtime, database.id, DatabaseState.UNREACHABLE)
    await move(runtime, other.id, DatabaseState.UNREACHABLE)
    async with runtime.sessions() as session, session.begin():
        for kind in (AlertType.BACKUP_FAILED, AlertType.RESTORE_UNCONFIRMED, AlertType.BACKUP_DELETION_FAILED):
            await open_alert(
                session, kind, "x_1", title="t", detail="d", project_id=project_id, database_id=database.id
            )
    await move(runtime, database.id, DatabaseState.DELETING, DatabaseState.DELETED)
    left = [(alert.type, alert.database_id) for alert in await alerts(runtime) if alert.cleared_at is None]
    assert sorted(left) == [
        (AlertType.BACKUP_DELETION_FAILED, database.id),
        (AlertType.DATABASE_UNREACHABLE, other.id),
    ]
