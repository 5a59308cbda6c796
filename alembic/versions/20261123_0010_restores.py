"""restores."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # On a table with rows: one step a revision, columns nullable at first, indexes concurrently in autocommit_block().
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.add_column("restore", sa.Column("into_schema", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("restore", sa.Column("on_rows", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    # The new check allows all that the old one did, and takes its place in the same statement.
    op.execute(
        "-- squawk-ignore ban-drop-constraint\n"
        "ALTER TABLE restore DROP CONSTRAINT ck_restore_target_kind, ADD CONSTRAINT ck_restore_target_kind "
        "CHECK (target_kind IN ('logical_database', 'in_place', 'new_database', 'tables', 'rows')) NOT VALID"
    )


def downgrade() -> None:
    op.execute("DELETE FROM restore WHERE target_kind IN ('tables', 'rows')")
    op.execute(
        "ALTER TABLE restore DROP CONSTRAINT ck_restore_target_kind, ADD CONSTRAINT ck_restore_target_kind "
        "CHECK (target_kind IN ('logical_database', 'in_place', 'new_database')) NOT VALID"
    )
    op.drop_column("restore", "on_rows")
    op.drop_column("restore", "into_schema")
