-- Jobs with their first event and their targets. A job whose dedupe key a live one has already is left out.
-- Gives one of those that it made: who asks for one wants to see it, who asks for thousands does not, and one wakes all.
WITH told AS (
    SELECT *
    FROM jsonb_to_recordset(CAST(:jobs AS jsonb)) AS job (
        id uuid, kind text, args jsonb, args_version int, project_id uuid, database_id uuid, subject_id text,
        priority int, max_attempts int, dedupe_key text, cancellable boolean, parent_id uuid, root_id uuid,
        retry_of uuid, host_id uuid, worker_label text, created_by text, request_id text, run_after timestamptz,
        targets jsonb)
), made AS (
    INSERT INTO job (
        id, kind, args, args_version, project_id, database_id, subject_id, priority, max_attempts, dedupe_key,
        cancellable, parent_id, root_id, retry_of, host_id, worker_label, created_by, request_id, run_after,
        state, attempt, progress, event_number, revision)
    SELECT
        id, kind, args, args_version, project_id, database_id, subject_id, priority, max_attempts, dedupe_key,
        cancellable, parent_id, root_id, retry_of, host_id, worker_label, created_by, request_id,
        coalesce(run_after, now()), 'queued', 0, '{}', 1, 0
    FROM told
    ON CONFLICT (dedupe_key) WHERE state IN ('queued', 'waiting', 'running', 'cancelling') DO NOTHING
    RETURNING *
), noted AS (
    INSERT INTO job_event (job_id, number, kind, detail)
    SELECT id, 1, 'state', '{"state": "queued"}' FROM made
), aimed AS (
    INSERT INTO job_target (
        job_id, database_id, subject, root_id, conflict_class, excludes, excludes_subject, held, done)
    SELECT made.id, target.database_id, target.subject, made.root_id, target.conflict_class, target.excludes,
           target.excludes_subject, false, false
    FROM made
    JOIN told ON told.id = made.id,
    jsonb_to_recordset(told.targets) AS target (
        database_id uuid, subject text, conflict_class text, excludes text[], excludes_subject text[])
)
SELECT made.*, pg_notify('pgm_wake', '') FROM made LIMIT 1
