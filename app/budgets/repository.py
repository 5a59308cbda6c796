"""Budgets looked up."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.budgets.models import ConnectionBudget


@dataclass(frozen=True, slots=True)
class BudgetRepository:
    session: AsyncSession

    async def of_database(self, database_id: UUID) -> ConnectionBudget | None:
        query = select(ConnectionBudget).where(ConnectionBudget.database_id == database_id)
        return (await self.session.exec(query.execution_options(populate_existing=True))).one_or_none()
