"""The control API: for tests and judges, which see and change what no caller of the platform can.

GET    /simulator/state        everything that exists or existed, with values, and the requests of each token
POST   /simulator/settings     any of those in settings.py; answers all of them
POST   /simulator/faults       {"operation", "kind", "times": 1, "skip": 0}, kinds as in faults.py
DELETE /simulator/faults       no more of them, and every stopped request goes on
POST   /simulator/pauses       {"operation", "when": "before" | "after", "skip": 0}: one request stops there
GET    /simulator/pauses/{id}  ?wait=SECONDS: whether a request has stopped
DELETE /simulator/pauses/{id}  it goes on
POST   /simulator/clock        {"advance_seconds"}: delays, quotas, schedules, expiries, metrics
POST   /simulator/seed         {"environments", "databases_each"}: databases that have no server
POST   /simulator/token        {"kind", "workspace_id", "environment_id", "privileges"}, all but the kind optional
DELETE /simulator/token        {"token"}: it is dead
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.railway_simulator import snapshots, volumes
from tests.railway_simulator.faults import Fault, PauseWanted
from tests.railway_simulator.model import Entity
from tests.railway_simulator.platform import Platform, new_id
from tests.railway_simulator.seeding import Beginning, seed, token
from tests.railway_simulator.server import Reply, Request
from tests.railway_simulator.settings import SimulatorSettings
from tests.railway_simulator.tokens import Kind

PREFIX: Final = "/simulator/"
LONGEST_WAIT_SECONDS: Final = 60.0
_HIDDEN: Final = frozenset({"door", "deploying", "committing", "log"})


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClockMoved(_Body):
    advance_seconds: float = Field(ge=0)


class Seeded(_Body):
    environments: int = Field(default=1, ge=1)
    databases_each: int = Field(default=1, ge=0)


class TokenWanted(_Body):
    kind: Literal["account", "workspace", "project"]
    workspace_id: str | None = None
    environment_id: str | None = None
    privileges: list[str] | None = None


class TokenKilled(_Body):
    token: str


class Control:
    def __init__(self, platform: Platform, beginning: Beginning) -> None:
        self._platform, self._beginning = platform, beginning
        self._routes: dict[tuple[str, str], Callable[[Request], Awaitable[Any]]] = {
            ("GET", "state"): self._state,
            ("POST", "settings"): self._settings,
            ("POST", "faults"): self._faults,
            ("DELETE", "faults"): self._no_faults,
            ("POST", "pauses"): self._pause,
            ("POST", "clock"): self._clock,
            ("POST", "seed"): self._seed,
            ("POST", "token"): self._token,
            ("DELETE", "token"): self._kill_token,
        }

    async def answered(self, request: Request) -> Reply:
        name, _, rest = request.path.removeprefix(PREFIX).partition("/")
        try:
            if name == "pauses" and rest:
                return await self._one_pause(request, rest)
            run = self._routes.get((request.method, name))
            if run is None or rest:
                return Reply({"error": "There is no such path"}, status=404)
            return Reply(await run(request))
        except (ValidationError, ValueError) as error:
            return Reply({"error": str(error)}, status=422)

    async def _state(self, _: Request) -> dict[str, Any]:
        platform = self._platform
        there: dict[str, Mapping[str, Entity]] = {
            "workspaces": platform.workspaces,
            "projects": platform.projects,
            "environments": platform.environments,
            "services": platform.services,
            "service_instances": platform.service_instances,
            "volumes": platform.volumes,
            "volume_instances": platform.volume_instances,
            "proxies": platform.proxies,
            "backups": platform.backups,
            "schedules": platform.schedules,
            "deployments": platform.deployments,
            "workflows": platform.workflows,
            "patches": platform.patches,
        }
        return {name: [_plain(one) for one in entities.values()] for name, entities in there.items()} | {
            "now": platform.now().isoformat(),
            "settings": platform.settings.model_dump(mode="json"),
            "faults": [fault.model_dump(mode="json") for fault in platform.faults.planned],
            "requests": {secret: dict(counts) for secret, counts in platform.requests.items()},
        }

    async def _settings(self, request: Request) -> dict[str, Any]:
        wanted = self._platform.settings.model_dump(mode="json") | request.json()
        self._platform.settings = SimulatorSettings.model_validate(wanted)
        return self._platform.settings.model_dump(mode="json")

    async def _faults(self, request: Request) -> dict[str, Any]:
        fault = Fault.model_validate(request.json())
        self._platform.faults.planned.append(fault)
        return fault.model_dump()

    async def _no_faults(self, _: Request) -> dict[str, Any]:
        self._platform.faults.clear()
        return {}

    async def _pause(self, request: Request) -> dict[str, Any]:
        pause_id = new_id()
        self._platform.faults.add_pause(pause_id, PauseWanted.model_validate(request.json()))
        return {"id": pause_id}

    async def _one_pause(self, request: Request, pause_id: str) -> Reply:
        faults = self._platform.faults
        if request.method == "DELETE":
            return Reply({"released": True}) if faults.release(pause_id) else Reply({"error": "Not there"}, status=404)
        pause = faults.pauses.get(pause_id)
        if pause is None:
            return Reply({"error": "Not there"}, status=404)
        wait = min(float(request.query.get("wait", "0")), LONGEST_WAIT_SECONDS)
        try:
            async with asyncio.timeout(wait):
                await pause.reached.wait()
        except TimeoutError:
            pass
        return Reply({"reached": pause.reached.is_set()})

    async def _clock(self, request: Request) -> dict[str, Any]:
        self._platform.advance(ClockMoved.model_validate(request.json()).advance_seconds)
        await volumes.sweep(self._platform)
        await snapshots.sweep(self._platform)
        return {"now": self._platform.now().isoformat()}

    async def _seed(self, request: Request) -> dict[str, Any]:
        wanted = Seeded.model_validate(request.json())
        return seed(
            self._platform,
            self._beginning.project,
            environments=wanted.environments,
            databases_each=wanted.databases_each,
        )

    async def _token(self, request: Request) -> dict[str, Any]:
        wanted = TokenWanted.model_validate(request.json())
        made = token(
            self._platform,
            Kind(wanted.kind),
            workspace_id=wanted.workspace_id or self._beginning.workspace.id,
            environment_id=wanted.environment_id or self._beginning.environment.id,
            privileges=None if wanted.privileges is None else frozenset(wanted.privileges),
        )
        return {"token": made.secret}

    async def _kill_token(self, request: Request) -> dict[str, Any]:
        killed = self._platform.tokens.pop(TokenKilled.model_validate(request.json()).token, None)
        return {"killed": killed is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if not hasattr(value, "__dataclass_fields__"):
        return value
    found = {one.name: _plain(getattr(value, one.name)) for one in fields(value) if one.name not in _HIDDEN}
    if (door := getattr(value, "door", None)) is not None:
        found |= {"host": door.host, "port": door.port}
    return found
