"""The whole installation on one machine: servers of its own, an object store, the API and a worker."""
