"""Durable jobs in the control database: enqueue, claim, run, cancel, retry, watch. See docs/jobs.md."""
