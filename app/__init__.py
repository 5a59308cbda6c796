"""Railway Postgres Manager: the control plane of the PostgreSQL databases a team runs."""

__version__ = "0.1.0"
