"""policies."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # On a table with rows: one step a revision, columns nullable at first, indexes concurrently in autocommit_block().
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "backup_policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("database_id", sa.Uuid(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("last_sets", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["database_id"], ["database.id"], name=op.f("fk_backup_policy_database_id_database")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_backup_policy_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_policy")),
    )
    op.create_index("uq_backup_policy_database_id", "backup_policy", ["database_id"], unique=True)
    op.create_index(
        "ix_backup_policy_look_at", "backup_policy", ["look_at"], unique=False, postgresql_where=sa.text("enabled")
    )
    op.add_column("backup", sa.Column("policy_id", sa.Uuid(), nullable=True))
    op.add_column("backup", sa.Column("schedule_id", sa.Uuid(), nullable=True))
    op.add_column("backup", sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("backup", sa.Column("pinned_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("backup", sa.Column("pin_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("backup", sa.Column("pinned_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("backup_copy", sa.Column("tier", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("backup_copy", sa.Column("kept_because", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("backup_copy", sa.Column("is_blocked", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    op.drop_column("backup_copy", "is_blocked")
    op.drop_column("backup_copy", "kept_because")
    op.drop_column("backup_copy", "tier")
    op.drop_column("backup", "pinned_by")
    op.drop_column("backup", "pin_reason")
    op.drop_column("backup", "pinned_until")
    op.drop_column("backup", "pinned_at")
    op.drop_column("backup", "schedule_id")
    op.drop_column("backup", "policy_id")
    op.drop_index("ix_backup_policy_look_at", table_name="backup_policy", postgresql_where=sa.text("enabled"))
    op.drop_table("backup_policy")
