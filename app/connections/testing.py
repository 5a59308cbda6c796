"""One connection test: every layer in order, within ten seconds in all, and the first that fails is named."""

import asyncio
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from app.auth.principal import Principal
from app.connections.choosing import Chosen, choose_login
from app.connections.endpoints import ConnectionEndpoint, EndpointKind
from app.connections.errors import NoSuchEndpoint
from app.connections.findings import Findings
from app.connections.layers_at_railway import Consumer, ask_railway, look_at_consumer
from app.connections.layers_before_login import encrypt, reach
from app.connections.layers_of_sessions import explain_refusal, log_in, slots_as
from app.connections.service import Entrance, entrance_of
from app.connections.testing_schemas import ConnectionTestView, ConnectionTestWish, LayerStatus
from app.connections.troubles.trouble import Layer
from app.databases.access import target_of
from app.databases.models import ProviderName
from app.databases.places import Site, visible_site
from app.databases.reach import is_reached_from_here
from app.errors import Problem
from app.postgres.connect import Target
from app.runtime import Runtime

SECONDS: Final = 10.0
_RAILWAY_SECONDS: Final = 4.0
_SLOT_STATES: Final = ("SLOTS_FULL", "SUPERUSER_SLOTS_FULL", "ROLE_LIMIT", "DATABASE_LIMIT")


async def run_test(
    runtime: Runtime, database_id: UUID, wish: ConnectionTestWish, consumer: Consumer | None, caller: Principal
) -> ConnectionTestView:
    """Raises DatabaseNotFound, DatabaseNotReady, NoSuchEndpoint, LoginNotFound, LoginUnusable, NotSupported."""
    site = await visible_site(runtime, database_id, caller, "tested from a consumer") if consumer else None
    entrance = await entrance_of(runtime, database_id, caller)
    if site is None and entrance.database.provider == ProviderName.RAILWAY:
        site = await visible_site(runtime, database_id, caller, "tested")
    endpoint = _endpoint(entrance, wish.endpoint)
    async with runtime.reads() as session:
        chosen = await choose_login(
            session, entrance.database, runtime.key_ring, role=wish.role, application=wish.application
        )
    test = _Test(runtime, entrance, endpoint, chosen, _target(entrance, endpoint, chosen, wish), site, consumer)
    return await test.run()


def _endpoint(entrance: Entrance, wanted: EndpointKind | None) -> ConnectionEndpoint:
    database = entrance.database
    if wanted is not None:
        found = entrance.endpoint(wanted)
        if found is None:
            there = ", ".join(one.network for one in entrance.endpoints)
            raise NoSuchEndpoint(wanted, f"There are: {there}.")
        return found
    own = (database.host, database.port)
    return next((one for one in entrance.endpoints if (one.host, one.port) == own), entrance.endpoints[0])


def _target(entrance: Entrance, endpoint: ConnectionEndpoint, chosen: Chosen, wish: ConnectionTestWish) -> Target:
    logical = wish.logical_database or chosen.database
    if endpoint.network is EndpointKind.POOLED:
        logical = next((pool.name for pool in entrance.pools if pool.logical_database == logical), logical)
    return Target(endpoint.host, endpoint.port, chosen.role, chosen.password, logical, endpoint.tls, endpoint.ca_pem)


@dataclass
class _Test:
    runtime: Runtime
    entrance: Entrance
    endpoint: ConnectionEndpoint
    chosen: Chosen
    target: Target
    site: Site | None
    consumer: Consumer | None
    findings: Findings = field(default_factory=Findings)

    async def run(self) -> ConnectionTestView:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(SECONDS):
                await self._at_railway()
                await self._at_the_server()
        except TimeoutError:
            self.findings.fail_next(f"It was not done when the {SECONDS:.0f} s of a test were over.")
        self.findings.skip_rest("A layer before it failed.")
        layers = self.findings.views()
        first = next((one.layer for one in layers if one.status is LayerStatus.FAIL), None)
        return ConnectionTestView(
            ok=first is None,
            first_failure=first,
            endpoint=self.endpoint.network,
            host=self.endpoint.host,
            port=self.endpoint.port,
            role=self.chosen.role,
            logical_database=self.target.database,
            tested_from="the process of this service that answered",
            seconds=round(loop.time() - began, 3),
            layers=layers,
        )

    async def _at_railway(self) -> None:
        findings, endpoints = self.findings, self.entrance.endpoints
        if self.site is not None:
            try:
                async with asyncio.timeout(_RAILWAY_SECONDS):
                    around = await ask_railway(self.runtime, self.site, endpoints, self.endpoint.network, findings)
                    if around is not None and self.consumer is not None:
                        await look_at_consumer(self.site, around, endpoints, self.consumer, findings)
            except TimeoutError:
                findings.skip(Layer.PLATFORM, f"Railway did not answer within {_RAILWAY_SECONDS:.0f} s.")
        findings.skip(
            Layer.CONSUMER, "No consumer was named." if self.consumer is None else "Railway could not be asked."
        )
        if self.site is None:
            findings.skip(Layer.PLATFORM, "The database is not on Railway.")

    async def _at_the_server(self) -> None:
        database, findings, clock = self.entrance.database, self.findings, self.runtime.clock
        if database.host_id not in (None, self.runtime.host_id):
            findings.fail("PLACED_ELSEWHERE")
            return
        if not await reach(self.target, findings) or not await encrypt(self.target, findings, clock):
            return
        if not findings.has_failed(Layer.AUTHENTICATION):
            mode = next((one.mode for one in self.entrance.pools if one.name == self.target.database), None)
            if await log_in(self.target, self.endpoint.network, mode, findings, clock):
                return
        refused = next((one for one in findings.views() if one.layer is Layer.AUTHENTICATION), None)
        if refused is not None and refused.trouble in (*_SLOT_STATES, "PASSWORD_WRONG"):
            await self._ask_as_superuser(refused.trouble)

    async def _ask_as_superuser(self, trouble: str) -> None:
        """What the login under test was not told: superusers have slots of their own, and may see hashes."""
        database = self.entrance.database
        if not is_reached_from_here(database, self.runtime):
            return
        try:
            target = target_of(database, self.runtime.key_ring)
        except Problem:
            return
        if trouble != "PASSWORD_WRONG":
            await slots_as(target, self.findings)
        elif self.chosen.login is not None:
            await explain_refusal(target, self.chosen.role, self.findings)
