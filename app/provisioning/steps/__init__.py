"""The flows behind creating, restarting and deleting a database."""

from app.provisioning.steps.creation import CreateDatabaseSteps
from app.provisioning.steps.deletion import DeleteDatabaseSteps
from app.provisioning.steps.restart import RestartDatabaseSteps

__all__ = ["CreateDatabaseSteps", "DeleteDatabaseSteps", "RestartDatabaseSteps"]
