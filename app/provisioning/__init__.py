"""Making, adopting, restarting and removing databases, and keeping the local ones alive."""
