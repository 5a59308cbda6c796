-- Which of the held leases are those of jobs to be cancelled, or are no longer ours.
SELECT held.token, job.lease_token IS DISTINCT FROM held.token AS lost
FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS uuid[])) AS held (id, token)
LEFT JOIN job ON job.id = held.id
WHERE job.lease_token IS DISTINCT FROM held.token OR job.state = 'cancelling'
