"""The services whose variables lead to a database."""
