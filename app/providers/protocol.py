"""What every provider promises. Each call may be made twice: the second finds the work of the first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from pydantic import SecretStr

from app.errors import Conflict
from app.postgres.connect import Target

# Told again and again what a call waits for.
Note = Callable[[str], None]


def silent(_detail: str) -> None:
    """For who does not want to know."""


class ServerStatus(StrEnum):
    RUNNING = "running"
    STARTING = "starting"
    STOPPED = "stopped"
    CRASHED = "crashed"
    ABSENT = "absent"


class Phase(StrEnum):
    """Of making a server, shown as the steps of its job. Where it is made at once there is one."""

    CREATE = "create"
    DEPLOY = "deploy"  # ask for it
    SETTLE = "settle"  # find what was made
    PUBLISH = "publish"  # until it runs and has its addresses


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
    """A server as we want it. ``data`` is what the provider itself wants to be reminded of, ``options`` what the caller
    wished of this provider in particular. ``job_id`` is whose work it is: what is left half done is found again by it.
    """

    id: UUID
    username: str
    password: SecretStr
    database: str  # made beside `postgres`, and the one that connection strings name
    major: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    job_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What a phase has found out: ``data`` to be remembered, or the way in. None is for what is as it was."""

    data: dict[str, Any] | None = None
    target: Target | None = None


class NotYet(Exception):
    """Not an error: nothing goes wrong, and the same call goes on in a while."""

    def __init__(self, waiting_for: str, *, seconds: float = 3.0) -> None:
        super().__init__(waiting_for)
        self.waiting_for, self.seconds = waiting_for, seconds


class Provider(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Those of ``create``, in their order."""
        ...

    async def prepare(self, spec: ServerSpec) -> dict[str, Any]:
        """Chooses what has to be remembered before anything is made, such as a port; the later ``ServerSpec.data``."""
        ...

    async def create(self, spec: ServerSpec, phase: Phase, note: Note = silent) -> Made:
        """Goes through one phase of making the server, unless it is there. Raises Problem, NotYet."""
        ...

    async def status(self, spec: ServerSpec) -> ServerStatus: ...

    async def start(self, spec: ServerSpec) -> None: ...

    async def restart(self, spec: ServerSpec) -> None:
        """Raises OutcomeUnknown where the server may or may not restart."""
        ...

    async def rescue(self, spec: ServerSpec, settings: Mapping[str, str]) -> None:
        """Starts a server that its own settings keep down with these in place of them. Raises NotSupported."""
        ...

    async def free_bytes(self, database_id: UUID) -> int | None:
        """What is left on the disk of its data; None where nobody but the server can tell."""
        ...

    async def require_destroyable(self, spec: ServerSpec) -> None:
        """Looks whether anything else would go with it. Raises Problem."""
        ...

    async def destroy(self, spec: ServerSpec, note: Note = silent) -> dict[str, Any]:
        """Ends the server and removes its data; fine when it is gone already. Raises Problem, NotYet.

        What it gives is for the caller to read: what was removed, until when that can be undone, and what is left.
        """
        ...


class NotSupported(Conflict):
    """A provider cannot do this at all."""

    code, title = "PROVIDER_CANNOT", "The provider cannot do this"

    def __init__(self, provider: str, action: str) -> None:
        super().__init__(f"Databases of the provider {provider} cannot be {action} by this service.", provider=provider)
