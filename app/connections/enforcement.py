"""Refusing sessions without TLS: the rules of a server changed, proven to hold, and taken back if they shut us out.

Local servers have their rules from us, in a file that their superuser cannot write. Elsewhere a superuser's session reads
and writes the file. Either way the session that did it stays open until a new login has succeeded.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Final

from app.connections.certificate_errors import EnforcementBusy, EnforcementByHand, EnforcementUndone
from app.connections.enforcement_schemas import HbaChange, PlainSessionView, TlsEnforcement, TlsEnforcementView
from app.databases.access import require_reach_from_here, target_of
from app.databases.models import Database
from app.errors import Problem
from app.postgres import hba, hba_file, tls_probe
from app.postgres.connect import Session, Target, connect
from app.postgres.plain_sessions import Ourselves, only_one, ourselves, plain_sessions
from app.postgres.server_config import HBA, HBA_OF_TLS
from app.postgres.tls_probe import Kind
from app.providers.local import LocalProvider
from app.runtime import Runtime

_NAME: Final = "pgmanager tls enforcement"
_IN_FORCE_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.05
_STEPS: Final = [
    "In pg_hba.conf (SHOW hba_file) write hostssl instead of host in each rule for addresses of other machines.",
    "Look whether every line is read: SELECT * FROM pg_hba_file_rules WHERE error IS NOT NULL.",
    "Put it in force without a restart: SELECT pg_reload_conf().",
    "Keep this session open until a new one with sslmode=require has succeeded.",
]


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found. ``put`` changes the rules, ``restore`` takes that back; a reload puts either in force."""

    mode: TlsEnforcement
    to_demand: list[hba.Change]
    to_allow: list[hba.Change]
    refusal: str | None
    put: Callable[[TlsEnforcement], Awaitable[None]]
    restore: Callable[[], Awaitable[None]]

    def changes_for(self, wish: TlsEnforcement) -> list[hba.Change]:
        return self.to_demand if wish is TlsEnforcement.REQUIRED else self.to_allow


async def enforcement_of(runtime: Runtime, database: Database) -> TlsEnforcementView:
    """Raises DatabaseNotReady, DatabaseUnreachable, and what a login raises."""
    async with _session(runtime, database) as session:
        us = await ourselves(session)
        if not us.is_superuser:
            return await _Report(None, [], "our login is no superuser there, and only those see the rules").view(
                session, us
            )
        standing = await _standing(runtime, database, session, us)
        return await _Report(standing.mode, standing.to_demand, standing.refusal).view(session, us)


async def enforce(
    runtime: Runtime, database: Database, wish: TlsEnforcement, *, is_dry_run: bool
) -> TlsEnforcementView:
    """Raises EnforcementByHand, EnforcementUndone, EnforcementBusy, besides."""
    async with _session(runtime, database) as session:
        us = await ourselves(session)
        if not us.is_superuser:
            raise EnforcementByHand("our login is no superuser there, and only those may change the rules", _STEPS)
        if not await only_one(session):
            raise EnforcementBusy
        standing = await _standing(runtime, database, session, us)
        _require_possible(us, standing, wish)
        changes = standing.changes_for(wish)
        if not is_dry_run:
            await _apply(session, target_of(database, runtime.key_ring), standing, wish)
        warning = None
        if wish is TlsEnforcement.OFF and not changes and standing.mode is TlsEnforcement.REQUIRED:
            warning = "The rules demand TLS by themselves: nothing in them was changed by this service."
        mode = standing.mode if is_dry_run or warning else wish
        return await _Report(mode, changes, warning=warning).view(session, us)


def _session(runtime: Runtime, database: Database) -> AbstractAsyncContextManager[Session]:
    require_reach_from_here(database, runtime)
    return connect(target_of(database, runtime.key_ring), application_name=_NAME)


async def _standing(runtime: Runtime, database: Database, session: Session, us: Ourselves) -> Standing:
    rules = await hba.read_rules(session)
    is_plain = bool(hba.plain_rules(rules, near_too=us.is_near))
    mode = TlsEnforcement.OFF if is_plain else TlsEnforcement.REQUIRED
    path, text = await hba_file.read_file(session)
    provider = runtime.providers.get(database.provider)
    if isinstance(provider, LocalProvider):

        async def by_provider(wish: TlsEnforcement) -> None:
            await provider.require_tls(database.id, required=wish is TlsEnforcement.REQUIRED)

        refusal = None if database.host_id == runtime.host_id else "the server belongs to another machine"
        to_demand, to_allow = _between(text, HBA_OF_TLS), _between(text, HBA)
        return Standing(mode, to_demand, to_allow, refusal, by_provider, lambda: by_provider(mode))
    refusal, to_demand, to_allow = None, [], hba.allowing_plain(text)
    try:
        to_demand = hba.demanding_tls(text, rules, path=path, near_too=us.is_near)
    except hba.NotEditable as reason:
        refusal = str(reason)

    async def by_session(wish: TlsEnforcement) -> None:
        changes = to_demand if wish is TlsEnforcement.REQUIRED else to_allow
        await hba_file.write_file(session, path, hba.changed(text, changes), former=text)

    async def restore() -> None:
        await hba_file.write_file(session, path, text)

    return Standing(mode, to_demand, to_allow, refusal, by_session, restore)


def _between(before: str, after: str) -> list[hba.Change]:
    """Of two texts with the same number of lines."""
    pairs = zip(before.split("\n"), after.split("\n"), strict=False)
    return [hba.Change(number, old, new) for number, (old, new) in enumerate(pairs, start=1) if old != new]


def _require_possible(us: Ourselves, standing: Standing, wish: TlsEnforcement) -> None:
    reason = standing.refusal
    if us.is_standby:
        reason = "it is a standby, which writes nothing: change the rules of its leader and of it by hand"
    elif wish is TlsEnforcement.REQUIRED and not us.has_tls:
        reason = "the server runs without TLS (ssl = off), so nobody could get in any more"
    elif wish is TlsEnforcement.REQUIRED and not us.is_encrypted:
        reason = "our own sessions are not encrypted: this service must connect with sslmode=require or better first"
    if reason is not None:
        raise EnforcementByHand(reason, _STEPS)


async def _apply(session: Session, target: Target, standing: Standing, wish: TlsEnforcement) -> None:
    """Also when there is nothing to change: whoever wrote it may have died before it was in force."""
    changes = standing.changes_for(wish)
    try:
        if changes:
            await standing.put(wish)
            await _require_readable(session)
        await hba_file.reload(session)
        if changes or wish is TlsEnforcement.REQUIRED:
            await _until_in_force(target, wish)
        async with connect(target, application_name=_NAME):
            pass
    except hba_file.NotWritable as error:
        with suppress(hba_file.NotWritable):
            await standing.restore()
        raise EnforcementByHand(f"the server may not write the file ({error})", _STEPS) from error
    except BaseException as error:
        # Also when we are told to stop: a change that is not proven does not stay.
        if changes:
            await asyncio.shield(_take_back(session, standing))
        if isinstance(error, Problem) and not isinstance(error, EnforcementUndone):
            raise EnforcementUndone(f"we could not get in any more ({error.detail})") from error
        raise


async def _take_back(session: Session, standing: Standing) -> None:
    await standing.restore()
    await hba_file.reload(session)


async def _require_readable(session: Session) -> None:
    """Raises EnforcementUndone when the server would not read the file that was just written."""
    broken = next((rule for rule in await hba.read_rules(session) if rule.error), None)
    if broken is not None:
        raise EnforcementUndone(f"line {broken.line} of the changed file is an error: {broken.error}")


async def _until_in_force(target: Target, wish: TlsEnforcement) -> None:
    """Raises EnforcementUndone when a login without TLS is still answered as it was before."""
    wanted = Kind.REFUSES if wish is TlsEnforcement.REQUIRED else Kind.ASKS
    try:
        async with asyncio.timeout(_IN_FORCE_SECONDS):
            while True:
                async with tls_probe.opened(target.host, target.port) as wire:
                    if (await wire.knock(target.user, target.database)).kind is wanted:
                        return
                await asyncio.sleep(_PAUSE_SECONDS)
    except (TimeoutError, OSError, tls_probe.NotPostgres) as error:
        raise EnforcementUndone(
            f"after {_IN_FORCE_SECONDS:.0f} s a session without TLS was still answered as before"
        ) from error


@dataclass(frozen=True, slots=True)
class _Report:
    mode: TlsEnforcement | None
    changes: list[hba.Change]
    reason: str | None = None
    warning: str | None = None

    async def view(self, session: Session, us: Ourselves) -> TlsEnforcementView:
        return TlsEnforcementView(
            mode=self.mode,
            reason=self.reason,
            changes=[HbaChange(line=one.line, before=one.before, after=one.after) for one in self.changes],
            plain_sessions=[
                PlainSessionView(
                    pid=one.pid,
                    role=one.role,
                    logical_database=one.database,
                    application=one.application,
                    address=one.address,
                    started_at=one.started_at,
                )
                for one in await plain_sessions(session, near_too=us.is_near)
            ],
            warnings=[self.warning] if self.warning else [],
        )
