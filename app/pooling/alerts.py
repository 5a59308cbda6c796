"""The alert of a pooler that does not run: opened and cleared by its state."""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.connections.models import Pooler, PoolerState
from app.databases.models import Database
from app.events.alerts import clear_alert, open_alert
from app.events.models import AlertType
from app.kit.ids import encode_id


async def alert_by_state(session: AsyncSession, pooler: Pooler) -> None:
    """For the state that it has now. A job that is at work on it changes nothing until it ends."""
    about = encode_id("db", pooler.database_id)
    if pooler.state == PoolerState.STOPPED:
        database = await session.get_one(Database, pooler.database_id)
        await open_alert(
            session,
            AlertType.POOLER_STOPPED,
            about,
            title=f"The pooler of {database.name} does not run",
            detail=pooler.state_reason or "It was stopped, and is started again at the next look.",
            project_id=pooler.project_id,
            database_id=pooler.database_id,
        )
    elif pooler.state in (PoolerState.RUNNING, PoolerState.DELETED):
        await clear_alert(session, AlertType.POOLER_STOPPED, about, reason=f"it is {pooler.state}")
