"""/v1/databases/{id}/pooler."""
