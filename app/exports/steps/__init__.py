"""The flows of this domain."""

from app.exports.steps.copying import CopyDatabaseSteps
from app.exports.steps.deleting import DeleteExportSteps
from app.exports.steps.making import MakeExportSteps

__all__ = ["CopyDatabaseSteps", "DeleteExportSteps", "MakeExportSteps"]
