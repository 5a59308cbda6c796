WITH moved AS (
    UPDATE job
    SET warnings = warnings || to_jsonb(CAST(:warning AS text)), event_number = event_number + 1, revision = revision + 1
    WHERE id = :id AND lease_token = :token
    RETURNING id, event_number
), noted AS (
    INSERT INTO job_event (job_id, number, kind, detail)
    SELECT id, event_number, 'warning', jsonb_build_object('warning', CAST(:warning AS text)) FROM moved
)
SELECT id, pg_notify('pgm_job', CAST(id AS text)) FROM moved
