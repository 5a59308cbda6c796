"""/v1/databases/{id}/connections and what belongs to it."""
