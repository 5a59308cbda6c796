"""Object stores: where backups live."""
