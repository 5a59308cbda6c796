"""What every provider promises. Each call may be made twice: the second finds the work of the first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from pydantic import SecretStr

from app.errors import Conflict
from app.postgres.connect import Target


class ServerStatus(StrEnum):
    RUNNING = "running"
    STARTING = "starting"
    STOPPED = "stopped"
    CRASHED = "crashed"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What may be asked of a provider; the rest answers 409 with the reason."""

    creates: bool = False
    restarts: bool = False
    destroys: bool = False
    # Its servers run on one machine and are reached by the workers of that machine only.
    bound_to_host: bool = False


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """A server as we want it. ``data`` is what the provider itself wants to be reminded of (see ``prepare``)."""

    id: UUID
    username: str
    password: SecretStr
    database: str  # made beside `postgres`, and the one that connection strings name
    major: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


class Provider(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def prepare(self, spec: ServerSpec) -> dict[str, Any]:
        """Chooses what has to be remembered before anything is made, such as a port; the later ``ServerSpec.data``."""
        ...

    async def create(self, spec: ServerSpec) -> Target:
        """Makes the server unless it is there, starts it, and gives the way in. Raises Problem."""
        ...

    async def status(self, spec: ServerSpec) -> ServerStatus: ...

    async def start(self, spec: ServerSpec) -> None: ...

    async def restart(self, spec: ServerSpec) -> None: ...

    async def free_bytes(self, database_id: UUID) -> int | None:
        """What is left on the disk of its data; None where nobody but the server can tell."""
        ...

    async def destroy(self, spec: ServerSpec) -> None:
        """Ends the server and removes its data for good; fine when it is gone already."""
        ...


class NotSupported(Conflict):
    """A provider cannot do this at all."""

    code, title = "PROVIDER_CANNOT", "The provider cannot do this"

    def __init__(self, provider: str, action: str) -> None:
        super().__init__(f"Databases of the provider {provider} cannot be {action} by this service.", provider=provider)
