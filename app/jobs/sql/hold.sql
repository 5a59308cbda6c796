-- All targets of one job become held, or none. Runs under the advisory locks of the job's databases, so what it reads
-- cannot change before it commits. A job that was taken or has ended since it was found gets none.
UPDATE job_target
SET held = true
WHERE job_id = :id
  AND NOT done
  AND EXISTS (SELECT FROM job WHERE id = :id AND lease_token IS NULL AND finished_at IS NULL)
  AND NOT EXISTS (
      SELECT 1
      FROM job_target AS mine
      JOIN job_target AS theirs ON theirs.database_id = mine.database_id AND theirs.held AND NOT theirs.done
      WHERE mine.job_id = :id
        AND NOT mine.held
        AND theirs.root_id <> mine.root_id
        AND (theirs.conflict_class = ANY(mine.excludes)
             OR (theirs.conflict_class = ANY(mine.excludes_subject) AND theirs.subject = mine.subject)))
RETURNING database_id
