"""What goes wrong between a client and its database: how it shows, why, and what to do."""
