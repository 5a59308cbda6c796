"""Verifications: whether a backup is what it says it is, from a look at its objects to a restore that is compared."""
