"""/v1/projects and /v1/databases."""
