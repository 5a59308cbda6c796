"""The tables stand with the locations, where restores read them too."""

from app.locations.holdings import (
    AgeIdentity,
    Backup,
    BackupCopy,
    BackupManifest,
    BackupState,
    CopyState,
    Encryption,
    Origin,
    Verification,
)

__all__ = [
    "AgeIdentity",
    "Backup",
    "BackupCopy",
    "BackupManifest",
    "BackupState",
    "CopyState",
    "Encryption",
    "Origin",
    "Verification",
]
