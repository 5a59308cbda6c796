"""Webhooks that others send to us: told genuine from false, taken once, and turned into a job."""
