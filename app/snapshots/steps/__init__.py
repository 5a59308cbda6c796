"""The flows that take, delete and restore snapshots at Railway."""

from app.snapshots.steps.deleting import DeleteSnapshotSteps
from app.snapshots.steps.restoring import RestoreSnapshotSteps
from app.snapshots.steps.taking import TakeSnapshotSteps

__all__ = ["DeleteSnapshotSteps", "RestoreSnapshotSteps", "TakeSnapshotSteps"]
