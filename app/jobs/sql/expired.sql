-- Leases that ended without being given back. Walks ix_job_leased.
SELECT id, kind, state, attempt, max_attempts, lease_token, ending, holder
FROM job
WHERE lease_token IS NOT NULL AND lease_ends < now()
ORDER BY lease_ends
LIMIT 100
FOR UPDATE SKIP LOCKED
