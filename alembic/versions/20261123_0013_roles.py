"""roles."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0013"
down_revision: str | Sequence[str] | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "managed_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("database_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("wish", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("settings_before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'current')", name=op.f("ck_managed_role_state")),
        sa.ForeignKeyConstraint(["database_id"], ["database.id"], name=op.f("fk_managed_role_database_id_database")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_managed_role_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_managed_role")),
    )
    op.create_index("uq_managed_role_database_id_name", "managed_role", ["database_id", "name"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_managed_role_database_id_name", table_name="managed_role")
    op.drop_table("managed_role")
