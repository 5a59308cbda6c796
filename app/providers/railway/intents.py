"""One writer an environment, and a memory of what it is at: intents are written before anything is changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from app.db.engine import Sessions
from app.db.sql import run_sql
from app.errors import Conflict
from app.kit.clock import Clock, utc_now
from app.kit.ids import encode_id, new_id
from app.providers.railway.models import IntentOutcome, RailwayIntent

_OPEN = text(
    """
    INSERT INTO railway_intent (id, connection_id, railway_environment_id, owner_id, operation, plan, made)
    VALUES (:id, :connection_id, :environment_id, :owner_id, :operation, CAST(:plan AS jsonb), '{}')
    ON CONFLICT (railway_environment_id) WHERE closed_at IS NULL DO NOTHING
    """
)


class EnvironmentBusy(Conflict):
    """Whoever gets it may try again: the other change ends."""

    code, title, retryable = "RAILWAY_ENVIRONMENT_BUSY", "Another change of the environment is under way", True

    def __init__(self, intent: RailwayIntent) -> None:
        job = encode_id("job", intent.owner_id)
        super().__init__(
            f"{job} is changing this environment ({intent.operation}). Only one change at a time is made there; wait for it.",
            retry_after=5,
            blocking_job_id=job,
        )


@dataclass(frozen=True, slots=True)
class Intents:
    sessions: Sessions
    clock: Clock = utc_now

    async def open(
        self,
        connection_id: UUID,
        environment_id: str,
        *,
        owner_id: UUID,
        operation: str,
        plan: Mapping[str, Any],
    ) -> RailwayIntent:
        """The owner's own open intent in that environment, made unless it is there: its plan is then the earlier one.

        Commits before it returns. ``environment_id`` is Railway's. Raises EnvironmentBusy while another owner is at work.
        """
        async with self.sessions() as session, session.begin():
            await run_sql(
                session,
                _OPEN,
                {
                    "id": new_id(),
                    "connection_id": connection_id,
                    "environment_id": environment_id,
                    "owner_id": owner_id,
                    "operation": operation,
                    "plan": json.dumps(dict(plan)),
                },
            )
            query = select(RailwayIntent).where(
                RailwayIntent.railway_environment_id == environment_id, col(RailwayIntent.closed_at).is_(None)
            )
            intent = (await session.exec(query)).one()
        if (intent.owner_id, intent.operation) != (owner_id, operation):
            raise EnvironmentBusy(intent)
        return intent

    async def of_owner(self, owner_id: UUID, operation: str) -> RailwayIntent | None:
        """The newest one, open or closed."""
        async with self.sessions() as session:
            query = (
                select(RailwayIntent)
                .where(RailwayIntent.owner_id == owner_id, RailwayIntent.operation == operation)
                .order_by(col(RailwayIntent.id).desc())
                .limit(1)
            )
            return (await session.exec(query)).one_or_none()

    async def made(self, intent: RailwayIntent, **made: Any) -> RailwayIntent:
        """Adds what was found or made at Railway."""
        async with self.sessions() as session, session.begin():
            row = await session.get_one(RailwayIntent, intent.id, with_for_update=True)
            row.made = {**row.made, **made}
        return row

    async def close(self, intent: RailwayIntent, outcome: IntentOutcome = IntentOutcome.DONE) -> None:
        """Lets the next one in. Closing a closed one changes nothing."""
        async with self.sessions() as session, session.begin():
            row = await session.get_one(RailwayIntent, intent.id, with_for_update=True)
            if row.closed_at is None:
                row.closed_at, row.outcome = self.clock(), outcome
