"""/v1/databases/{id}/applications: an owner that cannot log in, two logins that take turns, and their rotation."""
