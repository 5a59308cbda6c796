-- Jobs that this worker may take now, sooner ones first. Walks ix_job_claimable in its order. A job whose database is
-- held by a job that excludes it is passed over here without a lock, and judged again under the lock by hold.sql.
SELECT job.id,
       ARRAY(SELECT target.database_id FROM job_target AS target WHERE target.job_id = job.id AND NOT target.held) AS unheld
FROM job
WHERE job.lease_token IS NULL
  AND job.finished_at IS NULL
  AND job.run_after <= now()
  AND job.kind = ANY(CAST(:kinds AS text[]))
  AND (job.host_id IS NULL OR job.host_id = :host_id)
  AND (job.worker_label IS NULL OR job.worker_label = :label)
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
