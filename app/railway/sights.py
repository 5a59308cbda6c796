"""What a token sees at Railway, as callers see it."""

from datetime import datetime

from pydantic import Field

from app.auth.schemas import View
from app.kit.ids import DatabaseId, EnvironmentId
from app.railway.schemas import RailwayId


class RailwayProjectView(View):
    id: RailwayId
    name: str
    workspace_id: RailwayId | None
    workspace_name: str | None


class RailwayProjectsView(View):
    """Read from Railway just now, whole."""

    data: list[RailwayProjectView]
    taken_at: datetime


class RailwayEnvironmentView(View):
    id: RailwayId
    name: str
    can_access: bool = Field(description="False: restricted to others, and nothing in it can be read.")
    is_ephemeral: bool = Field(description="Of a pull request: Railway deletes it by itself.")
    linked_to: list[EnvironmentId] = Field(description="Environments of yours that stand for it.")


class RailwayEnvironmentsView(View):
    """Read from Railway just now, whole."""

    data: list[RailwayEnvironmentView]
    taken_at: datetime


class VolumeView(View):
    volume_id: RailwayId
    volume_instance_id: RailwayId
    mount_path: str
    size_mb: int
    used_mb: float


class ClusterMemberView(View):
    service_id: RailwayId
    service_name: str
    role: str


class ClusterView(View):
    """A highly available cluster. Adopt its root."""

    role: str = Field(description="Of this service in it.")
    root_service_id: RailwayId
    members: list[ClusterMemberView]
    read_endpoint: str | None = Field(description="Where its replicas are read, as it is written into a variable.")


class RailwayServiceView(View):
    """A service that runs PostgreSQL, by its image."""

    service_id: RailwayId
    service_name: str
    image: str
    official: bool = Field(description="An image of Railway's own.")
    major: int | None = Field(description="Null where the image's tag does not say.")
    region: str | None
    deployment_status: str | None
    volume: VolumeView | None
    pitr: str | None = Field(description="Railway's own point-in-time recovery: off, unwired or on.")
    cluster: ClusterView | None
    pooler_service_id: RailwayId | None = Field(description="A PgBouncer in front of it.")
    adopted: bool = Field(description="Managed here already, perhaps in a project that your key does not cover.")
    database_id: DatabaseId | None


class RailwayServicesView(View):
    """Read from Railway just now, whole."""

    data: list[RailwayServiceView]
    taken_at: datetime


class RailwayRegionView(View):
    name: str = Field(description="What is given as `region`.")
    location: str
    country: str
    deprecated: bool
    replacement: str | None = Field(description="The region that a deprecated one's services move to.")


class RailwayRegionsView(View):
    """Read from Railway just now, whole."""

    data: list[RailwayRegionView]
    taken_at: datetime
