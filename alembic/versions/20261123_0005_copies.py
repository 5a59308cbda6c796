"""copies."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # On a table with rows: one step a revision, columns nullable at first, indexes concurrently in autocommit_block().
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("backup_copy", sa.Column("job_id", sa.Uuid(), nullable=True))
    op.add_column("backup_copy", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("backup_copy", sa.Column("retained_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("backup_copy", sa.Column("lock_mode", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("location", sa.Column("max_parts", sa.BigInteger(), nullable=True))
    op.add_column("location", sa.Column("max_upload_bytes_per_second", sa.BigInteger(), nullable=True))
    op.add_column("location", sa.Column("sse", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("location", sa.Column("kms_key_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("location", sa.Column("object_lock", postgresql.JSONB(astext_type=sa.Text()), nullable=True))


def downgrade() -> None:
    for column in ("object_lock", "kms_key_id", "sse", "max_upload_bytes_per_second", "max_parts"):
        op.drop_column("location", column)
    for column in ("lock_mode", "retained_until", "checked_at", "job_id"):
        op.drop_column("backup_copy", column)
