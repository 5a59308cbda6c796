-- Progress of all jobs of one worker, at most once a second.
WITH moved AS (
    UPDATE job
    SET progress = told.progress, revision = revision + 1
    FROM (SELECT unnest(CAST(:ids AS uuid[])) AS id, unnest(CAST(:tokens AS uuid[])) AS token,
                 CAST(unnest(CAST(:progress AS text[])) AS jsonb) AS progress) AS told
    WHERE job.id = told.id AND job.lease_token = told.token
    RETURNING job.id
)
SELECT pg_notify('pgm_job', CAST(id AS text)) FROM moved
