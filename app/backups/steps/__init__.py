"""The flows behind taking and deleting backups."""

from app.backups.steps.delete import DeleteBackupSteps
from app.backups.steps.take import TakeBackupSteps

__all__ = ["DeleteBackupSteps", "TakeBackupSteps"]
