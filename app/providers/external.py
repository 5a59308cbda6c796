"""Servers that somebody else runs. They are looked at, dumped and restored into, never altered as servers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.providers.protocol import Capabilities, Made, Note, NotSupported, Phase, ServerSpec, ServerStatus, silent


class ExternalProvider:
    # ruff: noqa: ARG002 (the protocol names the arguments)
    name = "external"
    capabilities = Capabilities()
    phases = ()

    async def prepare(self, spec: ServerSpec) -> dict[str, Any]:
        raise NotSupported(self.name, "created")

    async def create(self, spec: ServerSpec, phase: Phase, note: Note = silent) -> Made:
        raise NotSupported(self.name, "created")

    async def status(self, spec: ServerSpec) -> ServerStatus:
        """Whoever runs it knows; what we see of it is whether a login works."""
        return ServerStatus.RUNNING

    async def start(self, spec: ServerSpec) -> None:
        raise NotSupported(self.name, "started")

    async def restart(self, spec: ServerSpec) -> None:
        raise NotSupported(self.name, "restarted")

    async def rescue(self, spec: ServerSpec, settings: Mapping[str, str]) -> None:
        raise NotSupported(self.name, "started")

    async def free_bytes(self, database_id: UUID) -> int | None:
        return None

    async def require_destroyable(self, spec: ServerSpec) -> None:
        """It is only forgotten."""

    async def destroy(self, spec: ServerSpec, note: Note = silent) -> dict[str, Any]:
        """Forgetting it is all there is to do: the server is not ours."""
        return {}
