"""The flows of this domain."""
