"""/v1/databases/{id}/connection-budget: the pools of all consumers against the connections that the server allows."""
