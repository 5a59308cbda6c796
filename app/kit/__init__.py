"""Pure building blocks: no input or output, nothing of the domain."""
