"""Dumps that were made elsewhere: fetched, recognised by what they hold, and restored."""
