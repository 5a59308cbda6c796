"""The HTTP surface: which routers there are, and what every request and every answer has in common."""
