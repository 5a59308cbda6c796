"""The control plane's own database: engine, sessions, column types, named SQL, locks, notifications, migrations."""
