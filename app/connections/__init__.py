"""/v1/databases/{id}/connections and what belongs to it: how to connect, whether that works, and by which logins."""
