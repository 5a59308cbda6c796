"""budgets."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0014"
down_revision: str | Sequence[str] | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "connection_budget",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("database_id", sa.Uuid(), nullable=False),
        sa.Column("declared", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["database_id"], ["database.id"], name=op.f("fk_connection_budget_database_id_database")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_connection_budget_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_budget")),
    )
    op.create_index("uq_connection_budget_database_id", "connection_budget", ["database_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_connection_budget_database_id", table_name="connection_budget")
    op.drop_table("connection_budget")
