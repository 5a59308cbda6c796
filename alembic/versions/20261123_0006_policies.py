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


def downgrade() -> None:
    pass
