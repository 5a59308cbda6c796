"""/v1/databases/{id}/extensions."""
