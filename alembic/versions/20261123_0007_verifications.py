"""verifications."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # On a table with rows: one step a revision, columns nullable at first, indexes concurrently in autocommit_block().
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("backup", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("backup", sa.Column("verification_level", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.create_table(
        "verification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("backup_id", sa.Uuid(), nullable=False),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("level IN ('V0', 'V1', 'V2')", name=op.f("ck_verification_level")),
        sa.CheckConstraint(
            "state IN ('pending', 'running', 'passed', 'failed', 'unverifiable', 'inconclusive', 'cancelled')",
            name=op.f("ck_verification_state"),
        ),
        sa.ForeignKeyConstraint(
            ["backup_id"], ["backup.id"], name=op.f("fk_verification_backup_id_backup"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_verification_location_id_location")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_verification_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    op.create_index("ix_verification_backup_id_id", "verification", ["backup_id", "id"], unique=False)
    op.create_index("uq_verification_job_id", "verification", ["job_id"], unique=True)


def downgrade() -> None:
    op.drop_table("verification")
    op.drop_column("backup", "verification_level")
    op.drop_column("backup", "verified_at")
