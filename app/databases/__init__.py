"""What everything else refers to: projects, their environments and the databases in them."""
