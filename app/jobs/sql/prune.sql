-- Jobs that ended long ago, with their children, events and targets (by cascade). Walks ix_job_finished_at.
DELETE FROM job
WHERE id IN (
    SELECT old.id
    FROM job AS old
    WHERE old.finished_at < now() - make_interval(days => :days)
      AND old.parent_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM job AS child WHERE child.parent_id = old.id AND child.finished_at IS NULL)
    ORDER BY old.finished_at
    LIMIT :limit
    FOR UPDATE OF old SKIP LOCKED)
