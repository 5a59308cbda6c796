"""What a test may change about the simulated platform. The delays are short, so that tests are quick; they pass
by the platform's clock, so that a test can make one long and end it by moving the clock."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Incident(BaseModel):
    model_config = ConfigDict(extra="forbid")

    message: str
    status: Literal["IDENTIFIED", "INVESTIGATING", "MONITORING", "RESOLVED"] = "INVESTIGATING"
    url: str = "https://status.railway.com"


class Maintenance(BaseModel):
    model_config = ConfigDict(extra="forbid")

    message: str
    start: AwareDatetime
    status: Literal["COMPLETED", "INPROGRESS", "NOTSTARTEDYET"] = "NOTSTARTEDYET"
    url: str = "https://status.railway.com"


class SimulatorSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    # How long a workflow runs, and how long its status is NotFound before it is Running.
    workflow_seconds: float = Field(default=0.3, ge=0)
    workflow_unknown_seconds: float = Field(default=0.05, ge=0)
    # From a deployment's creation to the start of its container, besides what the container itself takes.
    deploy_seconds: float = Field(default=0.2, ge=0)
    proxy_seconds: float = Field(default=0.2, ge=0)
    resize_seconds: float = Field(default=0.2, ge=0)
    # How far lists are behind what was created and deleted.
    visible_after_seconds: float = Field(default=0.1, ge=0)

    # Those of the Pro plan, whose 50 a second a test that polls would use up on a fast machine.
    hourly_limit: int = Field(default=10_000, ge=0)
    per_second: int = Field(default=1000, ge=1)
    # Between two creations of an environment, or of a volume by volumeCreate. Railway's own is 30.
    creation_throttle_seconds: float = Field(default=0, ge=0)
    # Privileges (see tokens.py) or names of operations that no token has.
    missing_privileges: list[str] = []
    # Environments that only some people may enter.
    restricted_environments: list[str] = []
    # Kinds of workflows that run, and whose status nobody may read.
    refused_workflows: list[str] = ["deleteVolumeInstanceBackup"]

    plan: Literal["FREE", "HOBBY", "PRO"] = "PRO"
    volume_size_mb: int = Field(default=50_000, ge=1)
    largest_volume_mb: int = Field(default=1_000_000, ge=1)
    backups_per_volume: int = Field(default=10, ge=0)
    # What DATABASE_PUBLIC_URL is while there is no public access: not there, or an address without host and port.
    public_url_when_private: Literal["absent", "empty"] = "absent"
    # The template's image. None: the newest major that this machine has.
    template_image: str | None = None

    # Whether adding or removing a pooler leads the variables of other services from the one to the other.
    overlays_lead_readers: bool = False

    metrics_seed: int = 1
    incident: Incident | None = None
    maintenance: Maintenance | None = None
