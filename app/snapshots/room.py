"""Whether Railway takes a snapshot of a volume on request."""

from uuid import UUID

from app.kit.ids import encode_id
from app.providers.railway.inventory import VolumeInstance
from app.providers.railway.snapshots import LARGEST_SHARE
from app.snapshots.errors import VolumeTooFull


def require_room(volume: VolumeInstance, database_id: UUID) -> None:
    """Raises VolumeTooFull."""
    if volume.used_mb > volume.size_mb * LARGEST_SHARE:
        path = f"/v1/databases/{encode_id('db', database_id)}"
        raise VolumeTooFull(round(volume.used_mb), volume.size_mb, path)
