"""The flows behind taking, copying and deleting backups."""

from app.backups.steps.copying import CopyBackupSteps
from app.backups.steps.delete import DeleteBackupSteps, DeleteCopySteps
from app.backups.steps.take import TakeBackupSteps

__all__ = ["CopyBackupSteps", "DeleteBackupSteps", "DeleteCopySteps", "TakeBackupSteps"]
