"""/v1/databases/{id}/network: who gets to the server, by which address, and until when."""
