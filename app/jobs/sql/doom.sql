-- The outcome is decided, the compensation still has to run: whoever takes the job from now on runs only that.
UPDATE job
SET ending = CAST(:ending AS jsonb), attempt = 1, memo = CAST(:memo AS jsonb), revision = revision + 1
WHERE id = :id AND lease_token = :token
RETURNING id
