"""/v1/databases/{id}/settings: PostgreSQL's configuration parameters."""
