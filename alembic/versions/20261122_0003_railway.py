"""railway."""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # On a table with rows: one step a revision, columns nullable at first, indexes concurrently in autocommit_block().
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "railway_connection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("workspaces", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("railway_project_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("railway_environment_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("capabilities", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("probed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('account', 'workspace', 'project')", name=op.f("ck_railway_connection_kind")),
        sa.CheckConstraint("state IN ('available', 'refused', 'deleted')", name=op.f("ck_railway_connection_state")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_railway_connection_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_railway_connection")),
    )
    op.create_index(
        "uq_railway_connection_project_id_name",
        "railway_connection",
        ["project_id", "name"],
        unique=True,
        postgresql_where=sa.text("state <> 'deleted'"),
    )
    op.create_table(
        "railway_intent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("railway_environment_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("operation", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint("outcome IN ('done', 'undone', 'given_up')", name=op.f("ck_railway_intent_outcome")),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["railway_connection.id"],
            name=op.f("fk_railway_intent_connection_id_railway_connection"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_railway_intent")),
    )
    op.create_index("ix_railway_intent_owner_id", "railway_intent", ["owner_id"], unique=False)
    op.create_index(
        "uq_railway_intent_open",
        "railway_intent",
        ["railway_environment_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "railway_observation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("railway_project_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("railway_environment_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consumers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("consumers_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("metrics", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("metrics_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["railway_connection.id"],
            name=op.f("fk_railway_observation_connection_id_railway_connection"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_railway_observation")),
        sa.UniqueConstraint(
            "connection_id",
            "railway_environment_id",
            name=op.f("uq_railway_observation_connection_id_railway_environment_id"),
        ),
    )
    op.create_index("ix_railway_observation_due_at", "railway_observation", ["due_at"], unique=False)
    op.create_table(
        "network_opening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("database_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("host", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("port", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("close_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["database_id"], ["database.id"], name=op.f("fk_network_opening_database_id_database")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_opening")),
    )
    op.create_index(
        "uq_network_opening_open",
        "network_opening",
        ["database_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.add_column("database", sa.Column("reach", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("database", sa.Column("worker_label", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("environment", sa.Column("connection_id", sa.Uuid(), nullable=True))
    op.add_column("environment", sa.Column("railway_project_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("environment", sa.Column("railway_environment_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.create_foreign_key(
        op.f("fk_environment_connection_id_railway_connection"),
        "environment",
        "railway_connection",
        ["connection_id"],
        ["id"],
        postgresql_not_valid=True,
    )
    op.create_check_constraint(
        op.f("ck_environment_railway"),
        "environment",
        "num_nonnulls(connection_id, railway_project_id, railway_environment_id) IN (0, 3)",
        postgresql_not_valid=True,
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_environment_railway"), "environment", type_="check")
    op.drop_constraint(op.f("fk_environment_connection_id_railway_connection"), "environment", type_="foreignkey")
    op.drop_column("environment", "railway_environment_id")
    op.drop_column("environment", "railway_project_id")
    op.drop_column("environment", "connection_id")
    op.drop_column("database", "worker_label")
    op.drop_column("database", "reach")
    op.drop_index(
        "uq_network_opening_open", table_name="network_opening", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_table("network_opening")
    op.drop_index("ix_railway_observation_due_at", table_name="railway_observation")
    op.drop_table("railway_observation")
    op.drop_index("uq_railway_intent_open", table_name="railway_intent", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_index("ix_railway_intent_owner_id", table_name="railway_intent")
    op.drop_table("railway_intent")
    op.drop_index(
        "uq_railway_connection_project_id_name",
        table_name="railway_connection",
        postgresql_where=sa.text("state <> 'deleted'"),
    )
    op.drop_table("railway_connection")
