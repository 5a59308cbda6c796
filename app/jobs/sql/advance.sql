-- The next step under the same lease; its first attempt is the claim that is already counted.
WITH moved AS (
    UPDATE job
    SET step = :step,
        memo = CAST(:memo AS jsonb),
        progress = CAST(:progress AS jsonb),
        attempt = 1,
        last_error = NULL,
        event_number = event_number + 1,
        revision = revision + 1
    WHERE id = :id AND lease_token = :token AND state = 'running'
    RETURNING id, event_number
), noted AS (
    INSERT INTO job_event (job_id, number, kind, detail)
    SELECT id, event_number, 'step', jsonb_build_object('step', CAST(:step AS text)) FROM moved
)
SELECT id, pg_notify('pgm_job', CAST(id AS text)) FROM moved
