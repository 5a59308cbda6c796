"""What callers may do with projects and databases."""
