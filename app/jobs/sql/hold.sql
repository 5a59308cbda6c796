-- All targets of one job become held, or none. Runs under the advisory locks of the job's databases, so what it reads
-- cannot change before it commits.
UPDATE job_target
SET held = true
WHERE job_id = :id
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
