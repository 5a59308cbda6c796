"""certificates."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0012"
down_revision: str | Sequence[str] | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "certificate",
        sa.Column("database_id", sa.Uuid(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("shown_pem", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("root_pem", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pinned_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('unseen', 'trusted', 'unpinned', 'changed', 'expired', 'no_tls')",
            name=op.f("ck_certificate_state"),
        ),
        sa.CheckConstraint("pinned_by IN ('automatic', 'confirmed')", name=op.f("ck_certificate_pinned_by")),
        sa.ForeignKeyConstraint(["database_id"], ["database.id"], name=op.f("fk_certificate_database_id_database")),
        sa.PrimaryKeyConstraint("database_id", name=op.f("pk_certificate")),
    )
    op.create_index("ix_certificate_look_at", "certificate", ["look_at"], unique=False)


def downgrade() -> None:
    op.drop_table("certificate")
