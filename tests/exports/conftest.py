"""A shop whose backups are exported, and a worker that runs every job."""

from tests.backups.conftest import fresh, project_id, shop
from tests.object_store import object_store_server, s3_location
from tests.postgres.conftest import cluster, debian, target, toolchain
from tests.restores.conftest import settings, way, worker

__all__ = [
    "cluster",
    "debian",
    "fresh",
    "object_store_server",
    "project_id",
    "s3_location",
    "settings",
    "shop",
    "target",
    "toolchain",
    "way",
    "worker",
]
