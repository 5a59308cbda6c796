"""What consumers are declared to hold: one budget a database."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.db.base import Row
from app.db.columns import now_column
from app.kit.ids import new_id


class ConnectionBudget(Row, table=True):
    __tablename__ = "connection_budget"
    __table_args__ = (Index("uq_connection_budget_database_id", "database_id", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    database_id: UUID = Field(foreign_key="database.id")
    declared: dict[str, Any] = Field(sa_type=JSONB)  # app.budgets.schemas.BudgetPut
    created_by: str
    created_at: datetime = now_column()
    updated_at: datetime = now_column()
    revision: int = 1
