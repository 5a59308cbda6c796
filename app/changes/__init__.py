"""Changing a database's service at Railway: its size, limits, name, variables and public address."""
