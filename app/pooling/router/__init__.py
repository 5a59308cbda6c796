"""/v1/databases/{id}/pooler: the pooler, its pools, its commands, and what it tells."""
