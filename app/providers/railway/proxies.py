"""The public address of a service: a TCP proxy of Railway's, whose port is another one each time it is made."""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from app.errors import Conflict
from app.providers.railway import patches
from app.providers.railway.certainty import Sleep
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import OutcomeUnknown, RailwayBusy, RailwayNotFound, RailwayProblem
from app.providers.railway.place import Place

PORT: Final = 5432
SECONDS: Final = 180.0
# For so long a proxy whose making was not answered may still appear.
UNSEEN_SECONDS: Final = 10.0
_FIRST_PAUSE_SECONDS: Final = 0.25
_LONGEST_PAUSE_SECONDS: Final = 5.0
_HIGHEST_PORT: Final = 65_535
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_GOING: Final = frozenset({"DELETING", "DELETED"})


class PublicAccessFailed(RailwayProblem):
    status, code, title, retryable = 503, "RAILWAY_PUBLIC_ACCESS_FAILED", "The public address is not there", True
    way_out = "Look at the service's networking at Railway, and try again."


class ProxyElsewhere(Conflict):
    code, title = "RAILWAY_PROXY_ELSEWHERE", "The service's TCP proxy leads to another port"

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Railway has one TCP proxy for each service, and this one's leads to port {port} instead of {PORT}. Remove it "
            "at Railway first."
        )


class Proxy(Result):
    id: str
    domain: str | None
    proxy_port: int | None
    application_port: int
    sync_status: str
    deleted_at: datetime | None = None

    @property
    def is_going(self) -> bool:
        return self.deleted_at is not None or self.sync_status in _GOING

    @property
    def address(self) -> tuple[str, int] | None:
        """Absent until it leads somewhere: half a proxy has no host, or the port 0."""
        if self.is_going or self.sync_status != "ACTIVE" or not self.domain or not _HOST.fullmatch(self.domain):
            return None
        if self.proxy_port is None or not 0 < self.proxy_port <= _HIGHEST_PORT:
            return None
        return self.domain, self.proxy_port


class _Answer(Result):
    tcp_proxies: list[Proxy]


async def proxies(client: RailwayClient, place: Place) -> list[Proxy]:
    """Those to the server's port, with the ones on their way out until they are gone. Raises ProxyElsewhere."""
    variables = {"environmentId": place.environment_id, "serviceId": place.service()}
    found = (await client.read(document("tcpProxies"), variables, _Answer)).tcp_proxies
    there = [proxy for proxy in found if proxy.deleted_at is None and proxy.sync_status != "DELETED"]
    if stranger := next((proxy for proxy in there if proxy.application_port != PORT and not proxy.is_going), None):
        raise ProxyElsewhere(stranger.application_port)
    return [proxy for proxy in there if proxy.application_port == PORT]


async def public_address(client: RailwayClient, place: Place) -> tuple[str, int] | None:
    """What leads to the server now; None while nothing does."""
    return next((proxy.address for proxy in await proxies(client, place) if proxy.address), None)


async def open_public(
    client: RailwayClient,
    place: Place,
    *,
    note: Callable[[str], None] = lambda _detail: None,
    seconds: float = SECONDS,
    sleep: Sleep = asyncio.sleep,
) -> tuple[str, int]:
    """Host and port, once the proxy is active. One that is there already is kept; call it again after anything.

    Whoever calls it has written an intent, and updates the database's place. It may deploy the service. Raises
    PublicAccessFailed.
    """
    patch: dict[str, Any] = {"services": {place.service(): {"networking": {"tcpProxies": {str(PORT): {}}}}}}
    waiting = _Waiting(seconds, sleep)
    asked_at, is_certain = float("-inf"), False
    while True:
        there = await proxies(client, place)
        if address := next((proxy.address for proxy in there if proxy.address), None):
            return address
        if not there and not is_certain and waiting.passed - asked_at >= UNSEEN_SECONDS:
            try:
                await patches.commit(client, place.environment_id, patch, "Public access to the database")
                is_certain = True
            except RailwayBusy:
                note("Railway is at another operation on the proxy")
            except OutcomeUnknown:
                asked_at = waiting.passed
        elif there:
            note(f"the TCP proxy is {there[0].sync_status}")
        if not await waiting.pause():
            said = f"after {seconds:.0f} s there is no active proxy"
            raise PublicAccessFailed(said, operation="tcpProxies")


async def close_public(
    client: RailwayClient,
    place: Place,
    *,
    note: Callable[[str], None] = lambda _detail: None,
    seconds: float = SECONDS,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Returns once nothing leads to the server. Fine when nothing did; call it again after anything."""
    waiting = _Waiting(seconds, sleep)
    while there := await proxies(client, place):
        for proxy in there:
            if proxy.is_going:
                continue
            try:
                await client.change(document("tcpProxyDelete"), {"id": proxy.id}, Result)
            except RailwayNotFound:
                continue
            except (RailwayBusy, OutcomeUnknown) as problem:
                # The next look tells whether it is gone; deleting it a second time would only find nothing.
                note(f"Railway has not removed the proxy yet: {problem.said}")
        if not await waiting.pause():
            said = f"after {seconds:.0f} s the proxy is still there"
            raise PublicAccessFailed(said, operation="tcpProxyDelete")


class _Waiting:
    """Pauses that grow, until the time is over."""

    def __init__(self, seconds: float, sleep: Sleep) -> None:
        self._loop = asyncio.get_running_loop()
        self._began, self._seconds, self._sleep = self._loop.time(), seconds, sleep
        self._pause_seconds = _FIRST_PAUSE_SECONDS

    @property
    def passed(self) -> float:
        return self._loop.time() - self._began

    async def pause(self) -> bool:
        """False when the time is over."""
        if self.passed + self._pause_seconds > self._seconds:
            return False
        await self._sleep(self._pause_seconds)
        self._pause_seconds = min(_LONGEST_PAUSE_SECONDS, self._pause_seconds * 1.5)
        return True
