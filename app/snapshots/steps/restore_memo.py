"""What a restore of a snapshot remembers from step to step."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.jobs.run import Run
from app.providers.railway.inventory import EnvironmentState
from app.providers.railway.snapshots import ScheduleKind
from app.snapshots.schemas import RestoreSnapshot
from app.snapshots.steps.swapping import Swap


class RestoreMemo(BaseModel):
    """``looked_at`` is when the first look followed a request without an answer, which may have taken its time until then.

    ``said`` is what Railway answered when it left open whether it would do it. ``schedule_kinds`` are of the volume that is
    replaced, ``is_scheduled`` tells of the new one.
    """

    backup_ids: list[str] = Field(default_factory=list)
    service_id: str | None = None
    old_volume_id: str | None = None
    volume_instance_id: str = ""
    volumes_before: list[str] = Field(default_factory=list)
    schedule_kinds: list[ScheduleKind] = Field(default_factory=list)
    requests: int = 0
    asked_at: datetime | None = None
    looked_at: datetime | None = None
    said: str = "no answer came"
    silent: bool = True
    workflow_id: str | None = None
    ended_at: datetime | None = None
    new_volume_id: str | None = None
    deployment_before: str | None = None
    committed_at: datetime | None = None
    adopted_at: datetime | None = None
    is_scheduled: bool = False
    deployed_at: datetime | None = None

    @property
    def swap(self) -> Swap | None:
        if self.service_id is None or self.old_volume_id is None or self.new_volume_id is None:
            return None
        return Swap(self.service_id, self.old_volume_id, self.new_volume_id)

    def new_volumes(self, environment: EnvironmentState) -> list[str]:
        """Those that came since and that nothing mounts: one of them may be ours."""
        return sorted(
            volume.volume_id
            for volume in environment.volumes
            if volume.service_id is None
            and not volume.is_pending_deletion
            and volume.volume_id not in self.volumes_before
        )


RestoreRun = Run[RestoreSnapshot, RestoreMemo]
