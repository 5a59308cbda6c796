"""What the network of a database is, and starting what changes it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit, current_request_id
from app.auth.principal import Principal
from app.databases.access import visible_database
from app.databases.errors import DatabaseStateInvalid
from app.databases.models import Database, DatabaseState, ProviderName, PublicWindow
from app.databases.places import site_of
from app.databases.reach import Reach, way_to
from app.databases.referrers import Surroundings, last_seen
from app.jobs.contract import JobArgs
from app.jobs.enqueue import Target, enqueue
from app.jobs.models import Job
from app.kit.clock import Clock
from app.kit.etags import require_match
from app.kit.ids import encode_id
from app.network.repository import WindowRepository
from app.network.schemas import (
    AddressView,
    CloseNetwork,
    NetworkPatch,
    NetworkPlan,
    NetworkView,
    OpenNetwork,
    PublicReader,
    WindowView,
)
from app.providers.protocol import NotSupported
from app.providers.railway.patches import require_none_foreign
from app.providers.railway.place import Place
from app.providers.railway.prices import DATED, PRICES, Priced
from app.runtime import Runtime

_CHANGEABLE: Final = frozenset({DatabaseState.AVAILABLE, DatabaseState.UNREACHABLE})


async def read_network(runtime: Runtime, database_id: UUID, caller: Principal) -> tuple[Database, NetworkView]:
    """Raises DatabaseNotFound, and what Railway answers where nothing young enough is known of its variables."""
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
        window = await WindowRepository(session).open_one(database.id)
    if database.provider != ProviderName.RAILWAY:
        own = AddressView(host=database.host, port=database.port) if database.host and database.port else None
        return database, NetworkView(
            reach=None, private=own, public=None, window=None, public_readers=[], observed_at=None
        )
    place = Place.of(database.provider_data)
    around = await last_seen(runtime, await site_of(runtime, database)) if place.service_id else None
    return database, NetworkView(
        reach=Reach(database.reach) if database.reach else None,
        private=AddressView(host=place.private_host, port=place.private_port) if place.private_host else None,
        public=AddressView(host=place.public_host, port=place.public_port)
        if place.public_host and place.public_port
        else None,
        window=_view(window) if window else None,
        public_readers=public_readers(around, place) if around else [],
        observed_at=around.observed_at if around else None,
    )


def public_readers(around: Surroundings, place: Place) -> list[PublicReader]:
    service = around.name_of(place.service())
    found = {
        (around.name_of(one.service_id), one.variable)
        for one in (around.references_to(service) if service else [])
        if one.is_public
    } | {
        (around.name_of(one.service_id), one.variable) for one in around.copies_of(place.public_host, place.public_port)
    }
    return [PublicReader(service=name, variable=variable) for name, variable in sorted(found, key=str)]


async def plan_of(runtime: Runtime, database: Database, now: NetworkView, wish: NetworkPatch) -> NetworkPlan:
    """Raises NotSupported, for servers whose addresses are not ours to give, and StagedChangesForeign."""
    if database.provider != ProviderName.RAILWAY:
        raise NotSupported(database.provider, "given a public address")
    if not wish.public_access:
        return _closing(runtime, database, now)
    price = PRICES[Priced.EGRESS]
    warnings = [
        "Everybody can try to log in: Railway's proxy knows no list of addresses and has no TLS of its own. Insist on TLS.",
        f"What leaves by the address is billed as egress, about ${price.usd} per {price.unit} (prices of {DATED}).",
    ]
    if now.public is None:
        site = await site_of(runtime, database)
        await require_none_foreign(site.client, site.place.environment_id, force=wish.force)
        steps = ["A TCP proxy of Railway's leads to the server, under a port that is new each time."]
        breaks = ["Railway may redeploy the service for it: connections are cut then."]
    else:
        steps, breaks = ["The server is public already; nothing is opened."], []
    if wish.credential is not None:
        steps.append(
            f"A temporary credential with the preset {wish.credential.preset} is made, and ends with the window."
        )
    if wish.minutes is None:
        steps.append("It stays until it is switched off.")
    elif now.public is None or (now.window is not None and now.window.closes_access):
        steps.append(f"After {wish.minutes} minutes it is closed again, whatever this service does meanwhile.")
    else:
        warnings.append("It was public before, so it stays public when the minutes have passed.")
    return NetworkPlan(steps=steps, breaks=breaks, warnings=warnings)


def _closing(runtime: Runtime, database: Database, now: NetworkView) -> NetworkPlan:
    breaks = [
        f"{found.service or 'shared'}: {found.variable} holds the public address." for found in now.public_readers
    ]
    if now.public is not None:
        breaks.append("Whoever is connected by the public address is cut off; the next one will have another port.")
    private = Place.of(database.provider_data).model_copy(update={"public_host": None, "public_port": None})
    way = way_to(private, worker_label=database.worker_label, settings=runtime.settings)
    if way.reach is Reach.NONE:
        breaks.append(
            "Nothing of this installation reaches the server then: backups and restores of it are refused until public "
            "access, network=temporary_public or a worker in its environment opens a way."
        )
    return NetworkPlan(steps=["The service's TCP proxy is removed."], breaks=breaks, warnings=[])


@dataclass(frozen=True, slots=True)
class NetworkService:
    session: AsyncSession
    clock: Clock

    async def start(
        self, database_id: UUID, wish: NetworkPatch, caller: Principal, *, if_match: str | None, is_public: bool
    ) -> Job:
        """A second wish for a window changes the end of the first. Raises DatabaseStateInvalid, PreconditionFailed, JobConflict."""
        database = await visible_database(self.session, database_id, caller)
        require_match(if_match, database.revision)
        if database.state not in _CHANGEABLE:
            raise DatabaseStateInvalid(database.id, database.state, "opened or closed")
        windows = WindowRepository(self.session)
        window = await windows.open_one(database.id, change=True)
        args: JobArgs
        if not wish.public_access:
            args = CloseNetwork(database_id=database.id, window_id=window.id if window else None)
        elif wish.minutes is None:
            if window is not None:
                window.opened_it = False  # it is meant to stay now
            args = OpenNetwork(database_id=database.id, force=wish.force)
        else:
            window = window or PublicWindow(
                project_id=database.project_id,
                database_id=database.id,
                job_id=database.id,
                opened_it=not is_public,
                created_by=caller.actor,
                close_at=self.clock(),
            )
            window.close_at = self.clock() + timedelta(minutes=wish.minutes)
            window.reason = wish.reason
            args = OpenNetwork(
                database_id=database.id, window_id=window.id, credential=wish.credential, force=wish.force
            )
        for scope in args.scopes():
            caller.require(scope)
        enqueued = await enqueue(
            self.session,
            args,
            created_by=caller.actor,
            targets=[Target(database.id)],
            project_id=database.project_id,
            subject_id=encode_id("db", database.id),
            request_id=current_request_id(),
        )
        if window is not None and wish.public_access:
            window.job_id = enqueued.job.id
            self.session.add(window)
        audit(
            self.session,
            caller,
            "update_network",
            target_type="database",
            target_id=encode_id("db", database.id),
            project_id=database.project_id,
            details=wish.model_dump(mode="json"),
        )
        return enqueued.job


def _view(window: PublicWindow) -> WindowView:
    return WindowView(
        close_at=window.close_at,
        closes_access=window.opened_it,
        reason=window.reason,
        created_by=window.created_by,
        job_id=window.job_id,
        credential_id=window.login_id,
    )
