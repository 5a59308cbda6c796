"""What became of the certificate of a database: found, pinned where that is proven, told where it is not.

A root is pinned by itself only when a login with channel binding has succeeded on a certificate that it signed. Where a
server of ours shows another one and nothing is proven, jobs go on with ``require`` until somebody confirms it, since the
server's renewal of its certificate must not end its backups. A pin that its owner gave is never loosened.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.connections.certificate_looking import VERIFYING, Look, look_at
from app.connections.endpoints import is_in_cluster
from app.connections.models import Certificate, CertificateState, PinnedBy
from app.databases.access import target_of, tls_of
from app.databases.models import Database, DatabaseState, ProviderName
from app.events.alerts import clear_alert, open_alert
from app.events.emit import emit
from app.events.models import AlertType
from app.kit.ids import encode_id
from app.postgres.certificate_facts import CertificateFacts, certificates_in
from app.postgres.channel_binding import unproven
from app.postgres.connect import Target, TlsMode
from app.runtime import Runtime

log = structlog.get_logger()

SOON: Final = timedelta(days=30)
VERY_SOON: Final = timedelta(days=7)
_MOST_OTHERS: Final = 7
_UNTRUSTED: Final = frozenset({CertificateState.UNPINNED, CertificateState.CHANGED, CertificateState.EXPIRED})


@dataclass(frozen=True, slots=True)
class Seen:
    """A look, the pin that it was judged by, and whether its root may be pinned now, beside those of other members."""

    look: Look
    ca_pem: str | None
    is_proven: bool = False
    is_cluster: bool = False


@dataclass(frozen=True, slots=True)
class Root:
    """To be pinned. The members of a cluster have each its own, so there the former ones stay beside it."""

    facts: CertificateFacts
    is_cluster: bool

    def beside(self, former_pem: str | None, now: datetime) -> str:
        former = [CertificateFacts.of(one) for one in certificates_in(former_pem or "")] if self.is_cluster else []
        kept = [one.pem for one in former if one.fingerprint != self.facts.fingerprint and one.not_after > now]
        return "".join([self.facts.pem, *kept[:_MOST_OTHERS]])


def may_replace(database: Database, row: Certificate | None) -> bool:
    """Whether the pin is ours to set: not of a server whose root we made, nor one that its owner gave."""
    if database.provider == ProviderName.LOCAL or tls_of(database) is TlsMode.DISABLE:
        return False
    if row is not None and row.pinned_by is not None:
        return True
    return database.ca_pem is None and tls_of(database) not in VERIFYING


async def see(runtime: Runtime, database: Database, row: Certificate | None) -> Seen:
    """Uses the network, and no session. Raises what a look raises."""
    ours = may_replace(database, row)
    target = judging(database, row, target_of(database, runtime.key_ring))
    look = await look_at(target, may_log_in=ours)
    if look.state not in _UNTRUSTED or not ours:
        return Seen(look, database.ca_pem)
    if look.root is None:
        reason = f"{look.reason}, and its root is neither sent by the server nor readable by our login"
        return Seen(replace(look, reason=reason), database.ca_pem)
    refusal = await unproven(runtime.toolchain, target, look.root.pem)
    if refusal is None:
        return Seen(look, database.ca_pem, is_proven=True, is_cluster=await is_in_cluster(runtime, database))
    reason = f"{look.reason}, and no login with channel binding proves that it is the server's own: {refusal}"
    return Seen(replace(look, reason=reason), database.ca_pem)


def judging(database: Database, row: Certificate | None, target: Target) -> Target:
    """By the pinned root, also while jobs go on without it."""
    is_loosened = row is not None and row.pinned_by is not None and tls_of(database) not in VERIFYING
    return replace(target, tls=TlsMode.VERIFY_CA) if is_loosened else target


async def keep(session: AsyncSession, now: datetime, database_id: UUID, seen: Seen) -> None:
    """Writes down what was seen, pins what is proven, and opens and clears the alerts."""
    database = await session.get_one(Database, database_id, with_for_update=True, populate_existing=True)
    row = await row_of(session, database_id)
    if database.state == DatabaseState.DELETED or database.ca_pem != seen.ca_pem:
        return  # decided by what is no longer so
    _note(row, seen.look, now)
    if seen.is_proven and seen.look.root is not None:
        root = Root(seen.look.root, is_cluster=seen.is_cluster)
        _pin(session, database, row, root, by=PinnedBy.AUTOMATIC, actor="worker", now=now)
    elif row.pinned_by is not None and database.tls_mode != TlsMode.VERIFY_FULL:
        is_trusted = seen.look.state is CertificateState.TRUSTED
        _set_mode(database, TlsMode.VERIFY_CA if is_trusted else TlsMode.REQUIRE, now)
    await _tell(session, database, row, now)


async def confirm(
    session: AsyncSession, now: datetime, database_id: UUID, *, look: Look, root: Root, caller: Principal
) -> tuple[Database, Certificate]:
    """The same, for what somebody has compared."""
    database = await session.get_one(Database, database_id, with_for_update=True, populate_existing=True)
    row = await row_of(session, database_id)
    _note(row, look, now)
    _pin(session, database, row, root, by=PinnedBy.CONFIRMED, actor=caller, now=now)
    await _tell(session, database, row, now)
    return database, row


async def row_of(session: AsyncSession, database_id: UUID) -> Certificate:
    """Made where there is none. The row of the database is locked by the caller."""
    row = await session.get(Certificate, database_id, populate_existing=True)
    if row is None:
        row = Certificate(database_id=database_id)
        session.add(row)
    return row


def _pin(
    session: AsyncSession,
    database: Database,
    row: Certificate,
    root: Root,
    *,
    by: PinnedBy,
    actor: Principal | str,
    now: datetime,
) -> None:
    before = CertificateFacts.of_pem(database.ca_pem).fingerprint if database.ca_pem else None
    database.ca_pem = root.beside(database.ca_pem, now)
    _set_mode(database, TlsMode.VERIFY_FULL if database.tls_mode == TlsMode.VERIFY_FULL else TlsMode.VERIFY_CA, now)
    row.state, row.reason = CertificateState.TRUSTED, None
    row.root_pem, row.pinned_by, row.pinned_at = root.facts.pem, by, now
    about: dict[str, Any] = {"fingerprint": root.facts.fingerprint, "before": before, "pinned_by": by.value}
    project_id, database_id = database.project_id, database.id
    emit(session, "certificate.pinned", project_id=project_id, database_id=database_id, **about)
    audit(
        session,
        actor,
        "pin_certificate",
        target_type="database",
        target_id=encode_id("db", database_id),
        project_id=project_id,
        details=about,
    )


def _note(row: Certificate, look: Look, now: datetime) -> None:
    first = look.first_to_expire
    row.state, row.reason, row.seen_at = look.state, look.reason, now
    row.shown_pem = look.shown.pem if look.shown else None
    row.root_pem = look.root.pem if look.root else None
    row.not_after = first.not_after if first else None


def _set_mode(database: Database, mode: TlsMode, now: datetime) -> None:
    if database.tls_mode != mode:
        log.info("certificate.mode_changed", database_id=encode_id("db", database.id), mode=mode.value)
        database.tls_mode, database.updated_at, database.revision = mode, now, database.revision + 1


async def _tell(session: AsyncSession, database: Database, row: Certificate, now: datetime) -> None:
    about = encode_id("db", database.id)
    if row.state == CertificateState.CHANGED:
        await open_alert(
            session,
            AlertType.CERTIFICATE_CHANGED,
            about,
            title=f"{database.name} shows another certificate",
            detail=f"The pinned root did not sign it: {row.reason}. {_how_it_goes_on(row)} Compare the fingerprint in "
            f"GET /v1/databases/{about}/certificate with what the server has, then confirm it by POST certificate:pin.",
            project_id=database.project_id,
            database_id=database.id,
        )
    else:
        reason = "the server shows a certificate that is trusted"
        await clear_alert(session, AlertType.CERTIFICATE_CHANGED, about, reason=reason)
    left = None if row.not_after is None else row.not_after - now
    for kind, limit in ((AlertType.CERTIFICATE_EXPIRING, SOON), (AlertType.CERTIFICATE_NEARLY_EXPIRED, VERY_SOON)):
        if left is None or row.not_after is None or left > limit:
            await clear_alert(session, kind, about, reason="its certificate is valid for longer")
            continue
        has = "has expired" if left <= timedelta() else "expires soon"
        await open_alert(
            session,
            kind,
            about,
            title=f"The certificate of {database.name} {has}",
            detail=f"It is valid until {row.not_after:%Y-%m-%d %H:%M} UTC. Clients that check it are refused after that. "
            "A server on Railway, or made here, renews it when it is restarted with fewer than 30 days left.",
            project_id=database.project_id,
            database_id=database.id,
            not_after=row.not_after.isoformat(),
        )


def _how_it_goes_on(row: Certificate) -> str:
    if row.pinned_by is None:
        return "Its owner gave the pin, so jobs refuse the server until the two fit."
    return "Jobs go on with sslmode=require meanwhile: encrypted, without knowing by whom."
