"""Everything that speaks to PostgreSQL servers other than the control plane's own database."""
