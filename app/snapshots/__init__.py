"""Railway's own snapshots of a database's volume: listed, taken, kept, deleted, scheduled and restored."""
