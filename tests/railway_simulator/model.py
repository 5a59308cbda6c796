"""The nouns of the platform, as it keeps them. What callers see of them is said in the modules named after them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Final

from tests.railway_simulator.relay import Relay

_numbers: Final = count(1)


@dataclass(kw_only=True)
class Entity:
    """``number`` orders by creation. What is deleted is kept, so that a test can ask what became of it."""

    id: str
    created_at: datetime
    deleted_at: datetime | None = None
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass(kw_only=True)
class Workspace(Entity):
    name: str


@dataclass(kw_only=True)
class Project(Entity):
    workspace_id: str
    name: str


@dataclass
class Variable:
    value: str
    sealed: bool = False


@dataclass(kw_only=True)
class StagedPatch(Entity):
    environment_id: str
    patch: dict[str, Any]
    status: str = "STAGED"
    message: str | None = None
    last_error: str | None = None


@dataclass(kw_only=True)
class Environment(Entity):
    """``source_id`` is the environment that this one is a fork of."""

    project_id: str
    name: str
    source_id: str | None = None
    ephemeral: bool = False
    shared_variables: dict[str, Variable] = field(default_factory=dict)
    staged: StagedPatch | None = None
    committing: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)


@dataclass(kw_only=True)
class Service(Entity):
    project_id: str
    name: str


@dataclass(kw_only=True)
class ServiceInstance(Entity):
    """``door`` is its place in the private network. ``seeded`` ones only look as if they ran."""

    service_id: str
    environment_id: str
    image: str | None = None
    region: str | None = None
    start_command: str | None = None
    replicas: int = 1
    variables: dict[str, Variable] = field(default_factory=dict)
    limits: dict[str, float] | None = None
    # Keys of the config document that nothing here acts on, such as clusterRole.
    marks: dict[str, Any] = field(default_factory=dict)
    seeded: bool = False
    door: Relay | None = None
    deploying: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)


@dataclass(kw_only=True)
class Volume(Entity):
    project_id: str
    name: str


@dataclass(kw_only=True)
class VolumeInstance(Entity):
    """Its data lie in the machines' folder of the same id. ``deleted_at`` may lie ahead: until then it can be saved.

    ``restored_from`` is the backup whose copy it is, as long as it was not mounted.
    """

    volume_id: str
    environment_id: str
    mount_path: str
    size_mb: int
    region: str
    service_id: str | None = None
    state: str = "READY"
    pending_deletion: bool = False
    restored_from: str | None = None
    seeded_mb: float | None = None


@dataclass(kw_only=True)
class Proxy(Entity):
    service_id: str
    environment_id: str
    application_port: int
    status: str = "CREATING"
    door: Relay | None = None


@dataclass(kw_only=True)
class Backup(Entity):
    """Its data lie in the machines' folder of the same id."""

    volume_instance_id: str
    name: str
    expires_at: datetime | None
    used_mb: int
    volume_size_mb: int
    schedule_id: str | None = None


@dataclass(kw_only=True)
class Schedule(Entity):
    volume_instance_id: str
    kind: str
    cron: str
    retention_seconds: int
    done_until: datetime


@dataclass(kw_only=True)
class Deployment(Entity):
    """``variables`` are those that its container was started with, which a restart does not change."""

    service_id: str
    environment_id: str
    image: str
    reason: str
    status: str = "INITIALIZING"
    status_at: datetime
    variables: Mapping[str, str] = field(default_factory=dict)
    # Where its server runs; empty for what is no PostgreSQL, or does not run.
    volume_instance_id: str = ""
    # Its server takes connections.
    ready: bool = False
    log: list[tuple[datetime, str, str]] = field(default_factory=list)


@dataclass(kw_only=True)
class Workflow(Entity):
    """``status`` is Running, Complete or Error; callers see it late. Its id tells its kind."""

    status: str = "Running"
    error: str | None = None
    unreadable: bool = False
