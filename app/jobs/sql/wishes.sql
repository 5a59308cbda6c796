-- Which of the held jobs are to be cancelled, or are no longer ours.
SELECT held.id, job.lease_token IS DISTINCT FROM held.token AS lost, job.state = 'cancelling' AS cancel
FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS uuid[])) AS held (id, token)
LEFT JOIN job ON job.id = held.id
WHERE job.lease_token IS DISTINCT FROM held.token OR job.state = 'cancelling'
