"""Data that leave: a backup written as plain SQL, and a database copied straight into another server."""
