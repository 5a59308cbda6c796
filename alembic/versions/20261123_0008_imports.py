"""imports."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # On a table with rows: one step a revision, columns nullable at first, indexes concurrently in autocommit_block().
    op.execute("SET LOCAL lock_timeout = '4s'")
    # The new check allows all that the old one did, and takes its place in the same statement.
    op.execute(
        "-- squawk-ignore ban-drop-constraint\n"
        "ALTER TABLE backup DROP CONSTRAINT ck_backup_origin, ADD CONSTRAINT ck_backup_origin "
        "CHECK (origin IN ('manual', 'scheduled', 'safety', 'final', 'imported')) NOT VALID"
    )
    op.create_table(
        "import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("database_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source_kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source_host", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("url_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("source_location_id", sa.Uuid(), nullable=True),
        sa.Column("source_key", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("upload_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("filename", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("encryption", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("labels", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("logical_database", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("format", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("unpacked_bytes", sa.BigInteger(), nullable=True),
        sa.Column("stored", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("backup_id", sa.Uuid(), nullable=True),
        sa.Column("warnings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('awaiting_upload', 'pending', 'running', 'available', 'failed', 'cancelled', 'deleting', 'deleted')",
            name=op.f("ck_import_state"),
        ),
        sa.CheckConstraint("source_kind IN ('url', 'object', 'upload')", name=op.f("ck_import_source_kind")),
        sa.CheckConstraint("format IN ('archive', 'sql')", name=op.f("ck_import_format")),
        sa.CheckConstraint("encryption IN ('age', 'none')", name=op.f("ck_import_encryption")),
        sa.ForeignKeyConstraint(["backup_id"], ["backup.id"], name=op.f("fk_import_backup_id_backup")),
        sa.ForeignKeyConstraint(["database_id"], ["database.id"], name=op.f("fk_import_database_id_database")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_import_location_id_location")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_import_project_id_project")),
        sa.ForeignKeyConstraint(
            ["source_location_id"], ["location.id"], name=op.f("fk_import_source_location_id_location")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    op.create_index("ix_import_project_id_id", "import", ["project_id", "id"], unique=False)
    op.create_index("ix_import_location_id", "import", ["location_id"], unique=False)


def downgrade() -> None:
    op.drop_table("import")
    op.execute("UPDATE backup SET origin = 'manual' WHERE origin = 'imported'")
    op.execute(
        "ALTER TABLE backup DROP CONSTRAINT ck_backup_origin, ADD CONSTRAINT ck_backup_origin "
        "CHECK (origin IN ('manual', 'scheduled', 'safety', 'final')) NOT VALID"
    )
