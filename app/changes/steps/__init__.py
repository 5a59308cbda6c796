"""The flows behind the changes, one file each."""
