-- One heartbeat for all jobs that a worker holds. A lease that does not come back is lost.
UPDATE job
SET lease_ends = now() + make_interval(secs => :lease_seconds)
FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS uuid[])) AS held (id, token)
WHERE job.id = held.id AND job.lease_token = held.token
RETURNING held.token, job.state = 'cancelling' AS cancel
