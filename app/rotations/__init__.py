"""/v1/databases/{id}/roles/{name}:rotate: new passwords, without an application that notices."""
