-- The wish, written for everything that the job :id started and, where :whole, for itself. A job that was never claimed
-- ends at once; the others go to cancelling, where the worker that holds them, or the next one, runs their compensation.
-- A child that must run through does, once it has begun.
WITH RECURSIVE family AS (
    SELECT id FROM job WHERE id = :id
    UNION ALL
    SELECT child.id FROM job AS child JOIN family ON child.parent_id = family.id
), moved AS (
    UPDATE job
    SET state = CASE WHEN claimed_at IS NULL THEN 'cancelled' ELSE 'cancelling' END,
        finished_at = CASE WHEN claimed_at IS NULL THEN now() END,
        waiting_for = NULL,
        run_after = CASE WHEN lease_token IS NULL THEN now() ELSE run_after END,
        attempt = CASE WHEN lease_token IS NULL THEN 0 ELSE attempt END,
        cancel_requested_at = now(),
        cancel_requested_by = :by,
        event_number = event_number + CASE WHEN claimed_at IS NULL THEN 2 ELSE 1 END,
        revision = revision + 1
    FROM family
    WHERE job.id = family.id
      AND (:whole OR job.id <> :id)
      AND job.state IN ('queued', 'waiting', 'running')
      AND job.ending IS NULL
      AND (job.cancellable OR job.claimed_at IS NULL)
    RETURNING job.*
), noted AS (
    INSERT INTO job_event (job_id, number, kind, detail)
    SELECT id, event_number - CASE WHEN claimed_at IS NULL THEN 1 ELSE 0 END, 'state', jsonb_build_object('state', state)
    FROM moved
    UNION ALL
    SELECT id, event_number, 'end', jsonb_build_object('state', state) FROM moved WHERE claimed_at IS NULL
), freed AS (
    UPDATE job_target SET held = false, done = true
    FROM moved WHERE job_target.job_id = moved.id AND moved.finished_at IS NOT NULL
), woken AS (
    UPDATE job SET run_after = CASE job.state WHEN 'waiting' THEN now() ELSE to_timestamp(0) END  -- as in release.sql
    FROM moved WHERE job.id = moved.parent_id AND moved.finished_at IS NOT NULL AND job.state IN ('waiting', 'running')
      AND NOT EXISTS (SELECT 1 FROM moved AS kin WHERE kin.id = job.id)
)
SELECT moved.*, pg_notify('pgm_cancel', CAST(id AS text)), pg_notify('pgm_job', CAST(id AS text)), pg_notify('pgm_wake', '')
FROM moved
ORDER BY id
