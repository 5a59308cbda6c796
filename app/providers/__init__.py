"""What can create, describe, restart and destroy a server."""
