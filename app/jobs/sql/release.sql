-- Gives the lease back and moves the job to :state. When that is final, its targets are free, its parent is woken and
-- the stream ends, all in this statement. Zero rows: the lease was lost, or a cancel wish came that this move would lose.
-- Workers are woken, after the delay, by what there is to take: this job again, its parent, or whom its targets blocked.
-- A parent that still runs may just have looked and be about to wait: the epoch in its run_after says that it must not.
WITH moved AS (
    UPDATE job
    SET state = CASE WHEN job.state = 'cancelling' AND :state = 'queued' THEN job.state ELSE :state END,
        waiting_for = CAST(:waiting_for AS text),
        run_after = CASE WHEN :state = 'waiting' AND job.run_after = to_timestamp(0) THEN now()
                         ELSE now() + make_interval(secs => :delay_seconds) END,
        attempt = :attempt,
        memo = coalesce(CAST(:memo AS jsonb), memo),
        ending = CAST(:ending AS jsonb),
        progress = coalesce(CAST(:progress AS jsonb), progress),
        result = CAST(:result AS jsonb),
        error = CAST(:error AS jsonb),
        last_error = coalesce(CAST(:last_error AS jsonb), last_error),
        lease_token = NULL,
        lease_ends = NULL,
        holder = NULL,
        finished_at = CASE WHEN :state IN ('succeeded', 'failed', 'cancelled') THEN now() END,
        event_number = event_number + jsonb_array_length(CAST(:events AS jsonb)),
        revision = revision + 1
    WHERE id = :id AND lease_token = :token AND (:parked OR job.state <> 'cancelling' OR :state NOT IN ('queued', 'waiting'))
    RETURNING id, parent_id, finished_at, event_number, run_after
), noted AS (
    INSERT INTO job_event (job_id, number, kind, detail)
    SELECT moved.id,
           moved.event_number - jsonb_array_length(CAST(:events AS jsonb)) + event.position,
           event.value ->> 'kind',
           event.value -> 'detail'
    FROM moved, jsonb_array_elements(CAST(:events AS jsonb)) WITH ORDINALITY AS event (value, position)
), freed AS (
    UPDATE job_target SET held = false, done = true
    FROM moved WHERE job_target.job_id = moved.id AND moved.finished_at IS NOT NULL
    RETURNING 1
), woken AS (
    UPDATE job SET run_after = CASE job.state WHEN 'waiting' THEN now() ELSE to_timestamp(0) END
    FROM moved WHERE job.id = moved.parent_id AND moved.finished_at IS NOT NULL AND job.state IN ('waiting', 'running')
    RETURNING 1
)
SELECT id,
       pg_notify('pgm_job', CAST(id AS text)),
       CASE WHEN finished_at IS NULL OR EXISTS (SELECT FROM freed) OR EXISTS (SELECT FROM woken)
            THEN pg_notify('pgm_wake', CAST(extract(epoch FROM run_after - now()) AS text)) END
FROM moved
