"""Railway Postgres Manager: the control plane of the PostgreSQL databases a team runs."""
