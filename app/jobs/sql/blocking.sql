-- The oldest live job, claimed or not, that excludes the job :id. Runs under the advisory locks of its databases.
SELECT theirs.job_id
FROM job_target AS mine
JOIN job_target AS theirs ON theirs.database_id = mine.database_id AND NOT theirs.done
WHERE mine.job_id = :id
  AND theirs.root_id <> mine.root_id
  AND (theirs.conflict_class = ANY(mine.excludes)
       OR (theirs.conflict_class = ANY(mine.excludes_subject) AND theirs.subject = mine.subject))
ORDER BY theirs.job_id
LIMIT 1
