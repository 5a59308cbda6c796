"""What Railway tells about a database's service: watched for every process, and asked for on demand."""
