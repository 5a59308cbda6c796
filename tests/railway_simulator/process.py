"""The simulator as tests use it: a process, reached by its endpoint like Railway and steered by its control API."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.embedded.simulated_railway import SimulatedRailway, simulated_railway

LONGEST_ANSWER_SECONDS = 100.0


@dataclass(frozen=True)
class Pause:
    """A request that stops at an agreed place until it is released."""

    url: str

    async def reached(self, seconds: float = 30.0) -> bool:
        """Whether a request has stopped here, waiting so long for it."""
        answer = await _called("GET", f"{self.url}?wait={seconds}")
        return bool(answer["reached"])

    async def release(self) -> None:
        await _called("DELETE", self.url)


class Simulator:
    """Keeps no connection open, so that any event loop and thread may use it."""

    def __init__(self, railway: SimulatedRailway) -> None:
        self.railway = railway
        self.endpoint = railway.endpoint
        self.tokens = dict(railway.tokens)
        self.workspace_id = railway.workspace_id
        self.project_id = railway.project_id
        self.environment_id = railway.environment_id
        self._project_tokens = {railway.tokens["project"]}

    async def state(self) -> dict[str, Any]:
        return await self._control("GET", "state")

    async def settings(self, **changed: Any) -> dict[str, Any]:
        """All of them, after the change."""
        return await self._control("POST", "settings", changed)

    async def fault(self, operation: str, kind: str, times: int = 1, skip: int = 0) -> None:
        """The next ``times`` requests of the operation meet it, after ``skip`` that do not."""
        await self._control("POST", "faults", {"operation": operation, "kind": kind, "times": times, "skip": skip})

    async def no_faults(self) -> None:
        """Forgets those that are still to come."""
        await self._control("DELETE", "faults")

    async def pause(self, operation: str, when: str, skip: int = 0) -> Pause:
        """One request stops ``before`` it is carried out, or ``after`` that and before its answer."""
        made = await self._control("POST", "pauses", {"operation": operation, "when": when, "skip": skip})
        return Pause(f"{self.railway.control}/pauses/{made['id']}")

    async def clock(self, advance_seconds: float) -> None:
        await self._control("POST", "clock", {"advance_seconds": advance_seconds})

    async def seed(self, *, environments: int = 1, databases_each: int = 1) -> dict[str, Any]:
        """The ids of services that look like databases and have no server."""
        return await self._control("POST", "seed", {"environments": environments, "databases_each": databases_each})

    async def token(self, kind: str, **more: Any) -> str:
        """A new token; ``more`` is workspace_id, environment_id, privileges."""
        made = await self._control("POST", "token", {"kind": kind} | more)
        token: str = made["token"]
        if kind == "project":
            self._project_tokens.add(token)
        return token

    async def kill_token(self, token: str) -> None:
        await self._control("DELETE", "token", {"token": token})

    async def graphql(
        self, token: str | None, query: str, variables: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The answer's body, with its ``data`` and ``errors``."""
        answer: dict[str, Any] = (await self.post(self.headers(token), query, variables)).json()
        return answer

    async def post(
        self, headers: Mapping[str, str], query: str, variables: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """The same with any headers, for who wants the status and the headers of the answer too."""
        async with _client() as client:
            return await client.post(
                self.endpoint, json={"query": query, "variables": dict(variables or {})}, headers=dict(headers)
            )

    def headers(self, token: str | None) -> dict[str, str]:
        """Those with which a token of its kind is sent."""
        if token is None:
            return {}
        return (
            {"Project-Access-Token": token} if token in self._project_tokens else {"Authorization": f"Bearer {token}"}
        )

    async def _control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return await _called(method, f"{self.railway.control}/{path}", body)


@asynccontextmanager
async def simulator(directory: Path) -> AsyncIterator[Simulator]:
    """``directory`` is for its servers' data, and must be one that everybody may enter."""
    async with simulated_railway(directory) as railway:
        yield Simulator(railway)


async def _called(method: str, url: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    async with _client() as client:
        answer = await client.request(method, url, json=body)
    assert answer.is_success, f"{method} {url} answered {answer.status_code}: {answer.text}"
    document: dict[str, Any] = answer.json() if answer.content else {}
    return document


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=LONGEST_ANSWER_SECONDS, trust_env=False)
