"""/v1/databases/{id}/connection-budget."""
