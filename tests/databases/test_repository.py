import asyncio
from uuid import UUID

import pytest
from sqlmodel import col, select

from app.databases.access import target_of
from app.databases.errors import DatabaseNotReady, NameTaken
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository, ProjectRepository
from app.events.models import DomainEvent
from app.kit.sealing import SealBroken
from app.runtime import Runtime
from tests.databases.records import add_database, somewhere


async def test_a_state_moves_once_and_the_loser_learns_of_it(runtime: Runtime, project_id: UUID) -> None:
    database = await add_database(runtime, project_id)

    async def move() -> bool:
        async with runtime.sessions() as session, session.begin():
            return await DatabaseRepository(session).move(
                database.id, frm={DatabaseState.CREATING}, to=DatabaseState.AVAILABLE
            )

    assert sorted(await asyncio.gather(*(move() for _ in range(4)))) == [False, False, False, True]


async def test_a_move_carries_values_and_refreshes_what_was_read(runtime: Runtime, project_id: UUID) -> None:
    database = await add_database(runtime, project_id, state_reason="waiting for a port")
    async with runtime.sessions() as session, session.begin():
        databases = DatabaseRepository(session)
        row = await databases.find(database.id)
        assert row is not None
        assert await databases.move(
            database.id, frm={DatabaseState.CREATING}, to=DatabaseState.AVAILABLE, host="h", port=1
        )
        assert (row.state, row.state_reason, row.host, row.port, row.revision) == ("available", None, "h", 1, 2)
        assert row.updated_at > database.updated_at


async def test_a_changed_state_is_an_event_and_an_unchanged_one_is_not(runtime: Runtime, project_id: UUID) -> None:
    database = await add_database(runtime, project_id, target=somewhere())
    async with runtime.sessions() as session, session.begin():
        databases = DatabaseRepository(session)
        for state, reason in ((DatabaseState.AVAILABLE, None), (DatabaseState.UNREACHABLE, "no route")):
            await databases.move(database.id, frm={DatabaseState.AVAILABLE}, to=state, state_reason=reason)
    async with runtime.sessions() as session:
        query = select(DomainEvent).where(col(DomainEvent.database_id) == database.id)
        events = (await session.exec(query)).all()
    assert [(event.type, event.data) for event in events] == [
        ("database.status_changed", {"before": "available", "now": "unreachable", "reason": "no route"})
    ]


async def test_a_taken_name_leaves_the_transaction_usable(runtime: Runtime, project_id: UUID) -> None:
    first = await add_database(runtime, project_id)
    async with runtime.sessions() as session, session.begin():
        twin = Database(**first.model_dump(exclude={"id"}))
        with pytest.raises(NameTaken):
            await DatabaseRepository(session).add(twin)
        assert await ProjectRepository(session).count_databases(project_id=project_id) == 1


async def test_a_project_cannot_go_while_a_database_is_added(runtime: Runtime, project_id: UUID) -> None:
    async with runtime.sessions() as adding, adding.begin():
        assert await ProjectRepository(adding).get(project_id, None, hold=True) is not None
        async with runtime.sessions() as deleting:
            change = asyncio.ensure_future(ProjectRepository(deleting).get(project_id, None, change=True))
            done, _ = await asyncio.wait([change], timeout=0.3)
            assert not done
            await adding.commit()
            assert await change is not None


async def test_a_password_opens_only_in_its_own_row(runtime: Runtime, project_id: UUID) -> None:
    first = await add_database(runtime, project_id, "first", target=somewhere())
    second = await add_database(runtime, project_id, "second", target=somewhere())
    assert target_of(first, runtime.key_ring, database_name="other").database == "other"
    assert target_of(first, runtime.key_ring).password.get_secret_value() == "p@ss/word%*"
    second.password_sealed = first.password_sealed
    with pytest.raises(SealBroken):
        target_of(second, runtime.key_ring)
    second.password_sealed = None
    with pytest.raises(DatabaseNotReady):
        target_of(second, runtime.key_ring)
