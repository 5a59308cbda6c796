"""Where copies of backups live: a bucket, a prefix in it and the credentials for both."""
