"""/v1/databases/{id}/roles and /v1/databases/{id}/temporary-credentials."""
