-- Gives the leases in :moves back and moves their jobs on. When that is final, a job's targets are free, its parent is
-- woken and the stream ends, all in this statement. It returns the jobs that it moved; one is missing whose lease was
-- lost, or whose move would lose a cancel wish that came. Of a job and its parent only one may be in :moves.
-- Workers are woken, after the delay, by what there is to take: this job again, its parent, or whom its targets blocked.
-- A parent that still runs may just have looked and be about to wait: the epoch in its run_after says that it must not.
WITH told AS (
    SELECT *
    FROM jsonb_to_recordset(CAST(:moves AS jsonb)) AS move (
        id uuid, token uuid, state text, waiting_for text, delay_seconds float8, attempt bigint, parked boolean,
        memo text, ending text, progress text, result text, error text, last_error text, events text)
), moved AS (
    UPDATE job
    SET state = CASE WHEN job.state = 'cancelling' AND told.state = 'queued' THEN job.state ELSE told.state END,
        waiting_for = told.waiting_for,
        run_after = CASE WHEN told.state = 'waiting' AND job.run_after = to_timestamp(0) THEN now()
                         ELSE now() + make_interval(secs => told.delay_seconds) END,
        attempt = told.attempt,
        memo = coalesce(CAST(told.memo AS jsonb), job.memo),
        ending = CAST(told.ending AS jsonb),
        progress = coalesce(CAST(told.progress AS jsonb), job.progress),
        result = CAST(told.result AS jsonb),
        error = CAST(told.error AS jsonb),
        last_error = coalesce(CAST(told.last_error AS jsonb), job.last_error),
        lease_token = NULL,
        lease_ends = NULL,
        holder = NULL,
        finished_at = CASE WHEN told.state IN ('succeeded', 'failed', 'cancelled') THEN now() END,
        event_number = job.event_number + jsonb_array_length(CAST(told.events AS jsonb)),
        revision = job.revision + 1
    FROM told
    WHERE job.id = told.id
      AND job.lease_token = told.token
      AND (told.parked OR job.state <> 'cancelling' OR told.state NOT IN ('queued', 'waiting'))
    RETURNING job.id, job.parent_id, job.finished_at, job.event_number, job.run_after, CAST(told.events AS jsonb) AS events
), noted AS (
    INSERT INTO job_event (job_id, number, kind, detail)
    SELECT moved.id,
           moved.event_number - jsonb_array_length(moved.events) + event.position,
           event.value ->> 'kind',
           event.value -> 'detail'
    FROM moved, jsonb_array_elements(moved.events) WITH ORDINALITY AS event (value, position)
), freed AS (
    UPDATE job_target SET held = false, done = true
    FROM moved WHERE job_target.job_id = moved.id AND moved.finished_at IS NOT NULL
    RETURNING job_target.job_id
), woken AS (
    UPDATE job SET run_after = CASE job.state WHEN 'waiting' THEN now() ELSE to_timestamp(0) END
    FROM moved WHERE job.id = moved.parent_id AND moved.finished_at IS NOT NULL AND job.state IN ('waiting', 'running')
    RETURNING job.id
)
SELECT id,
       pg_notify('pgm_job', CAST(id AS text)),
       CASE WHEN finished_at IS NULL
                 OR EXISTS (SELECT FROM freed WHERE freed.job_id = moved.id)
                 OR EXISTS (SELECT FROM woken WHERE woken.id = moved.parent_id)
            THEN pg_notify('pgm_wake', CAST(extract(epoch FROM run_after - now()) AS text)) END
FROM moved
