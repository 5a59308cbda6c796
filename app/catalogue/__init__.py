"""The catalogue of backups made anew from what lies in a bucket, for whoever has lost the control database."""
