"""Showing the certificate of a database, and pinning it on somebody's word."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.principal import Principal
from app.connections.certificate_errors import FingerprintMismatch, RootUnfit, RootUnknown
from app.connections.certificate_looking import Look, look_at, refusal_of
from app.connections.certificate_schemas import CertificateDetails, CertificatePin, CertificateView
from app.connections.certificates import Root, confirm, judging, may_replace
from app.connections.endpoints import is_in_cluster
from app.connections.models import Certificate, CertificateState, PinnedBy
from app.databases.access import require_reach_from_here, target_of, tls_of, visible_database
from app.databases.models import Database, ProviderName
from app.databases.reach import is_reached_from_here
from app.errors import Problem
from app.postgres.certificate_facts import CertificateFacts, certificates_in
from app.postgres.connect import TlsMode
from app.postgres.errors import TlsFailed
from app.providers.protocol import NotSupported
from app.runtime import Runtime


async def certificate_of(runtime: Runtime, database_id: UUID, caller: Principal) -> CertificateView:
    """Raises DatabaseNotFound, DatabaseNotReady."""
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
        row = await session.get(Certificate, database_id)
    if not is_reached_from_here(database, runtime):
        return _view(database, row, None)
    target = judging(database, row, target_of(database, runtime.key_ring))
    try:
        look = await look_at(target, may_log_in=may_replace(database, row))
    except Problem as problem:
        return _view(database, row, None).model_copy(update={"reason": problem.detail})
    view = _view(database, row, look)
    return view.model_copy(update={"seen_at": runtime.clock()})


@dataclass(frozen=True, slots=True)
class Pinning:
    """What is to be written, decided while the server was asked."""

    database_id: UUID
    look: Look
    root: Root

    async def write(self, session: AsyncSession, runtime: Runtime, caller: Principal) -> CertificateView:
        now = runtime.clock()
        return _view(
            *await confirm(session, now, self.database_id, look=self.look, root=self.root, caller=caller), None
        )


async def plan_pin(runtime: Runtime, database_id: UUID, wish: CertificatePin, caller: Principal) -> Pinning:
    """Raises DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable, NotSupported, ServerUnreachable, TlsFailed,
    RootUnknown, RootUnfit, FingerprintMismatch.
    """
    async with runtime.reads() as session:
        database = await visible_database(session, database_id, caller)
    if database.provider == ProviderName.LOCAL:
        raise NotSupported(database.provider, "given a root by hand: it was made with the server, and is pinned")
    require_reach_from_here(database, runtime)
    target = target_of(database, runtime.key_ring)
    look = await look_at(target, may_log_in=wish.ca_pem is None)
    if look.state is CertificateState.NO_TLS:
        raise TlsFailed("The server offers no TLS, so there is nothing to pin. Turn `ssl` on there first.")
    root = look.root if wish.ca_pem is None else _named(wish.ca_pem, wish.fingerprint)
    if root is None:
        raise RootUnknown("the server does not send it, and our login may not read it there")
    if root.fingerprint != wish.fingerprint:
        raise FingerprintMismatch(root.fingerprint)
    if refusal := await refusal_of(replace(target, tls=TlsMode.VERIFY_CA, ca_pem=root.pem)):
        raise RootUnfit(refusal.verify_message)
    return Pinning(database_id, replace(look, root=root), Root(root, is_cluster=await is_in_cluster(runtime, database)))


def _named(pem: str, fingerprint: str) -> CertificateFacts:
    """Raises RootUnfit, FingerprintMismatch."""
    found = [CertificateFacts.of(one) for one in certificates_in(pem)]
    if not found:
        raise RootUnfit("`ca_pem` is no PEM certificate")
    return next((one for one in found if one.fingerprint == fingerprint), found[0])


def _view(database: Database, row: Certificate | None, look: Look | None) -> CertificateView:
    """Of the look where there is one, else of what was seen last."""
    shown = look.shown if look else _facts(row.shown_pem if row else None)
    root = look.root if look else _facts(row.root_pem if row else None)
    pinned = _facts(database.ca_pem)
    return CertificateView(
        state=look.state if look else CertificateState(row.state if row else CertificateState.UNSEEN),
        reason=look.reason if look else row.reason if row else None,
        tls_mode=tls_of(database),
        pinned=CertificateDetails.of(replace(pinned, pem=database.ca_pem or "")) if pinned else None,
        pinned_by=PinnedBy(row.pinned_by) if row and row.pinned_by else None,
        pinned_at=row.pinned_at if row else None,
        shown=CertificateDetails.of(shown) if shown else None,
        root=CertificateDetails.of(root) if root else None,
        seen_at=row.seen_at if row else None,
    )


def _facts(pem: str | None) -> CertificateFacts | None:
    return CertificateFacts.of_pem(pem) if pem and certificates_in(pem) else None
