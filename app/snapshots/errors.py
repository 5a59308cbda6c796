"""What can stand against snapshots of a volume."""

from collections.abc import Sequence

from app.errors import Conflict, NotFound, Problem
from app.providers.railway.snapshots import MOST_SNAPSHOTS


class SnapshotNotFound(NotFound):
    def __init__(self, snapshot_id: str) -> None:
        super().__init__(f"The volume of this database has no snapshot {snapshot_id}: it expired, or was deleted.")


class VolumeMissing(Conflict):
    code, title = "STATE_INVALID", "The database has no volume at Railway"

    def __init__(self, service_id: str) -> None:
        super().__init__(
            f"The service {service_id} mounts no volume in its environment at Railway, so there is nothing to copy. "
            "Mount its volume there, or restore a backup into a new database."
        )


class VolumeTooFull(Conflict):
    code, title = "VOLUME_TOO_FULL", "The volume is too full for a snapshot"

    def __init__(self, used_mb: int, size_mb: int, path: str) -> None:
        needed = 2 * used_mb
        super().__init__(
            f"{used_mb} of the volume's {size_mb} MB are used, and Railway takes a snapshot on request only while that is "
            f"half of it at most. Enlarge it to {needed} MB or more, or take a backup, which has no such bound.",
            used_mb=used_mb,
            size_mb=size_mb,
            needed_size_mb=needed,
            remedies=[{"method": "POST", "path": f"{path}:resize", "body": {"volume_size_mb": needed}}],
        )


class SnapshotRefused(Conflict):
    code, title = "SNAPSHOT_REFUSED", "Railway does not take the snapshot"

    def __init__(self, said: str, count: int) -> None:
        bound = (
            f" The volume has {count}, and Railway is known to keep about {MOST_SNAPSHOTS}: delete one, then try again."
            if count >= MOST_SNAPSHOTS
            else " Nothing was made. Mend what it names, or take a backup instead."
        )
        super().__init__(f"Railway answered: {said.rstrip('.')}.{bound}", snapshots=count)


class SnapshotNotSeen(Problem):
    status, code, title = 502, "SNAPSHOT_NOT_SEEN", "The snapshot does not appear"

    def __init__(self, name: str, said: str) -> None:
        super().__init__(
            f"Railway was asked for the snapshot “{name}”, and its list does not show it ({said.rstrip('.')}). Look at the "
            "list again before you take another: it may still come.",
            name=name,
        )


class SnapshotStays(Problem):
    status, code, title = 502, "SNAPSHOT_STAYS", "The snapshot is not deleted"

    def __init__(self, snapshot_id: str, said: str) -> None:
        super().__init__(
            f"Railway was asked to delete the snapshot {snapshot_id}, and its list still shows it ({said.rstrip('.')}). "
            "Delete it again later; one that Railway is restoring stays until that has ended."
        )


class ScheduleNotKept(Problem):
    status, code, title, retryable = 502, "SNAPSHOT_SCHEDULE_NOT_KEPT", "Railway did not take the schedule", True

    def __init__(self, wanted: Sequence[str], found: Sequence[str]) -> None:
        super().__init__(
            f"The schedule was to be {', '.join(wanted) or 'empty'} and is {', '.join(found) or 'empty'}. Send it again.",
            kinds=list(found),
        )


class ClusterNotRestorable(Conflict):
    code, title = "SNAPSHOT_OF_CLUSTER", "A cluster is not restored from a snapshot here"

    def __init__(self) -> None:
        super().__init__(
            "The database is a highly available cluster: each member has a volume of its own, and one that is put back in "
            "time no longer fits the others. Railway's dashboard restores it and makes its replicas anew; or restore a "
            "backup into a new database."
        )


class ConfirmationMissing(Conflict):
    code, title = "CONFIRMATION_MISSING", "The restore was not confirmed"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Restoring a snapshot replaces everything on the server {name}. Repeat the request with confirm={name} to say "
            "you mean it; dry_run=true tells what would happen."
        )


class SafetyBackupImpossible(Conflict):
    code, title = "SAFETY_BACKUP_IMPOSSIBLE", "No backup can be taken of what would be replaced"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"A backup was wished for before the restore, but {reason}. Mend that, or send safety_backup=false: the present "
            "volume stays, and can be mounted again, unless you have it deleted."
        )


class RestoreNotStaged(Problem):
    status, code, title = 502, "SNAPSHOT_RESTORE_NOT_STAGED", "Railway did not prepare the restored volume"

    def __init__(self, said: str, volumes: Sequence[str]) -> None:
        left = f" It may have left {', '.join(volumes)}: a volume that nothing mounts is billed." if volumes else ""
        super().__init__(
            f"Railway was asked to restore the snapshot and stages no change of volumes ({said.rstrip('.')}). The database "
            f"is as it was.{left} Look at the environment at Railway, then restore again.",
            volumes=list(volumes),
        )


class RestoreNotCommitted(Problem):
    status, code, title = 502, "SNAPSHOT_RESTORE_NOT_COMMITTED", "Railway did not change the volumes"

    def __init__(self, said: str) -> None:
        super().__init__(
            f"The change of volumes was committed and the service still mounts the one from before ({said.rstrip('.')}). "
            "The database is as it was. Look at the environment at Railway, then restore again."
        )


class RestoreStillRuns(Problem):
    status, code, title, retryable = 503, "SNAPSHOT_RESTORE_RUNS", "Railway still copies the snapshot", True

    def __init__(self) -> None:
        super().__init__(
            "The restore is given up, but Railway goes on copying and will stage a change of volumes at the end. That must "
            "be emptied before anybody deploys it, so this job waits for it."
        )
