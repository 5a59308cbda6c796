"""Restores: from a backup into a logical database, in place of one, or into a new managed database."""
