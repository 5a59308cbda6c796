"""Declaring a budget."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.budgets.models import ConnectionBudget
from app.budgets.repository import BudgetRepository
from app.budgets.schemas import BudgetPut
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import DatabaseState
from app.db.locks import lock_key, lock_until_commit
from app.kit.etags import require_match
from app.kit.ids import encode_id

_GONE: Final = frozenset({DatabaseState.DELETING, DatabaseState.DELETED})


@dataclass(frozen=True, slots=True)
class BudgetService:
    session: AsyncSession
    now: datetime

    async def put(
        self, database_id: UUID, wish: BudgetPut, caller: Principal, *, if_match: str | None
    ) -> ConnectionBudget:
        """Raises DatabaseNotFound, DatabaseStateInvalid, PreconditionFailed."""
        database = await visible_database(self.session, database_id, caller)
        if database.state in _GONE:
            raise DatabaseStateInvalid(database.id, database.state, "given a connection budget")
        await lock_until_commit(self.session, lock_key("connection-budget", database.id))
        budget = await BudgetRepository(self.session).of_database(database.id)
        require_match(if_match, budget.revision if budget else 0)
        declared = wish.model_dump(mode="json")
        if budget is None:
            budget = ConnectionBudget(
                project_id=database.project_id,
                database_id=database.id,
                declared=declared,
                created_by=caller.actor,
                created_at=self.now,
                updated_at=self.now,
            )
            self.session.add(budget)
        else:
            budget.declared, budget.updated_at = declared, self.now
            budget.revision += 1
        audit(
            self.session,
            caller,
            "put_connection_budget",
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details={"name": database.name, "consumers": len(wish.consumers)},
        )
        await self.session.flush()
        return budget
