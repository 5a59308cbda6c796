-- The claim: up to :limit jobs that this worker may take now, sooner ones first, in one statement and so in one commit.
-- It walks ix_job_claimable in its order. A job that holds its databases already, or has none, is taken here: its attempt
-- is counted and its next run pushed out, so a process that is killed at any later point has already paid. A cancelling
-- job keeps its state: it is taken for its compensation.
-- A job that does not hold its databases yet comes back as it is, without a lease and with those databases, to be judged
-- under their locks by hold.sql. One whose database is held by a job that excludes it is passed over without a lock.
WITH candidate AS MATERIALIZED (
    SELECT job.id,
           ARRAY(SELECT target.database_id
                 FROM job_target AS target
                 WHERE target.job_id = job.id AND NOT target.held) AS unheld
    FROM job
    WHERE job.lease_token IS NULL
      AND job.finished_at IS NULL
      AND job.run_after <= now()
      AND (CAST(:ids AS uuid[]) IS NULL OR job.id = ANY(CAST(:ids AS uuid[])))
      AND job.kind = ANY(CAST(:kinds AS text[]))
      AND (job.host_id IS NULL OR job.host_id = :host_id)
      AND (job.worker_label = :label OR (job.worker_label IS NULL AND NOT :only_label))
      AND NOT EXISTS (
          SELECT 1
          FROM job_target AS mine
          JOIN job_target AS theirs ON theirs.database_id = mine.database_id AND theirs.held AND NOT theirs.done
          WHERE mine.job_id = job.id
            AND NOT mine.held
            AND theirs.root_id <> mine.root_id
            AND (theirs.conflict_class = ANY(mine.excludes)
                 OR (theirs.conflict_class = ANY(mine.excludes_subject) AND theirs.subject = mine.subject)))
    ORDER BY job.priority, job.id
    LIMIT :limit
    FOR UPDATE OF job SKIP LOCKED
), taken AS (
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
    WHERE id = ANY(ARRAY(SELECT candidate.id FROM candidate WHERE candidate.unheld = '{}'))
    RETURNING *
), noted AS (
    INSERT INTO job_event (job_id, number, kind, detail)
    SELECT id, event_number, 'state', jsonb_build_object('state', state, 'attempt', attempt, 'holder', holder)
    FROM taken
)
SELECT taken.*, CAST('{}' AS uuid[]) AS unheld, pg_notify('pgm_job', CAST(id AS text)) IS NULL AS told
FROM taken
UNION ALL
SELECT job.*, candidate.unheld, NULL FROM candidate JOIN job ON job.id = candidate.id WHERE candidate.unheld <> '{}'
