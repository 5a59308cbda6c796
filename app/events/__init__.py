"""What happened in a project, as facts that others read and subscribe to."""
