"""alerts."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("severity", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("database_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("detail", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint("severity IN ('warn', 'crit')", name=op.f("ck_alert_severity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_database_id_id", "alert", ["database_id", "id"], unique=False)
    op.create_index("ix_alert_project_id_id", "alert", ["project_id", "id"], unique=False)
    op.create_index("uq_alert_key_open", "alert", ["key"], unique=True, postgresql_where=sa.text("cleared_at IS NULL"))


def downgrade() -> None:
    op.drop_index("uq_alert_key_open", table_name="alert", postgresql_where=sa.text("cleared_at IS NULL"))
    op.drop_index("ix_alert_project_id_id", table_name="alert")
    op.drop_index("ix_alert_database_id_id", table_name="alert")
    op.drop_table("alert")
