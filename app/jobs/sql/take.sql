-- The claim itself. The attempt is counted and the next run is pushed out here, so a process that is killed at any later
-- point has already paid. A cancelling job keeps its state: it is taken for its compensation.
WITH taken AS (
    UPDATE job
    SET state = CASE state WHEN 'cancelling' THEN state ELSE 'running' END,
        waiting_for = NULL,
        attempt = attempt + 1,
        lease_token = gen_random_uuid(),
        lease_ends = now() + make_interval(secs => :lease_seconds),
        holder = :holder,
        claimed_at = coalesce(claimed_at, now()),
        run_after = now() + make_interval(secs => least(300, power(2, attempt + 1))),
        event_number = event_number + 1,
        revision = revision + 1
    WHERE id = ANY(CAST(:ids AS uuid[]))
    RETURNING *
), noted AS (
    INSERT INTO job_event (job_id, number, kind, detail)
    SELECT id, event_number, 'state', jsonb_build_object('state', state, 'attempt', attempt, 'holder', holder)
    FROM taken
)
SELECT taken.*, pg_notify('pgm_job', CAST(id AS text)) FROM taken ORDER BY priority, id
