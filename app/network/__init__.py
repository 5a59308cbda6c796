"""/v1/databases/{id}/network: by which addresses the server is reached, and until when by a public one."""
