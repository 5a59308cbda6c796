"""The layers from the login on: by a session that is opened as the client under test would open it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final

from app.connections.endpoints import EndpointKind
from app.connections.findings import Findings
from app.connections.troubles.trouble import Layer
from app.connections.troubleshooting import trouble_of
from app.errors import Problem
from app.kit.clock import Clock
from app.postgres import session_facts
from app.postgres.connect import Session, Target, connect
from app.postgres.errors import TooManyConnections
from app.postgres.pooled import connect_pooled
from app.postgres.session_facts import Slots

_NAME: Final = "pgmanager connection test"
_SECONDS: Final = 5.0
_ROUND_TRIPS: Final = 20
_FAR_MILLISECONDS: Final = 20.0
_FULL: Final = 0.85
# The day of the last release of each major, as its developers announce it.
_ENDS: Final = {
    13: datetime(2025, 11, 13, tzinfo=UTC),
    14: datetime(2026, 11, 12, tzinfo=UTC),
    15: datetime(2027, 11, 11, tzinfo=UTC),
    16: datetime(2028, 11, 9, tzinfo=UTC),
    17: datetime(2029, 11, 8, tzinfo=UTC),
    18: datetime(2030, 11, 14, tzinfo=UTC),
}


async def log_in(target: Target, kind: EndpointKind, pool_mode: str | None, findings: Findings, clock: Clock) -> bool:
    """From the login to the free slots. False if the login was refused."""
    is_in = False
    try:
        async with _session(target, kind) as session:
            is_in = True
            findings.ok(Layer.AUTHENTICATION, f"{target.user} is logged in to {target.database}.")
            if await session_facts.has_md5_password(session, target.user):
                findings.warn("AUTH_MD5", f"The password of {target.user} is kept as an MD5 hash.")
            await _version(session, findings, clock)
            await _latency(session, findings)
            await _read_write(session, kind, findings)
            await _pool_mode(session, kind, pool_mode, findings)
            tell_slots(await session_facts.slots(session), findings)
    except Problem as problem:
        refused = trouble_of(problem)
        if is_in:
            findings.fail_next(f"The session broke off: {problem.detail}")
        elif refused is None:
            findings.failed(Layer.AUTHENTICATION, problem.detail, problem=problem.code)
        else:
            findings.fail(refused.code, problem.detail, layer=Layer.AUTHENTICATION, problem=problem.code)
    return is_in


async def slots_as(superuser: Target, findings: Findings) -> None:
    """When the login found no slot: superusers have some of their own."""
    try:
        async with connect(superuser, application_name=_NAME, connect_timeout_seconds=_SECONDS) as session:
            tell_slots(await session_facts.slots(session), findings, reached_as=superuser.user)
    except TooManyConnections as full:
        findings.fail("SUPERUSER_SLOTS_FULL", full.detail, layer=Layer.FREE_SLOTS)
    except Problem as problem:
        findings.skip(Layer.FREE_SLOTS, problem.detail)


async def explain_refusal(superuser: Target, role: str, findings: Findings) -> None:
    """A hash that the rules of pg_hba.conf do not admit is refused like a wrong password."""
    with suppress(Problem):
        async with connect(superuser, application_name=_NAME, connect_timeout_seconds=_SECONDS) as session:
            if await session_facts.has_md5_password(session, role):
                findings.explain("MD5_REFUSED", f"The password of {role} is kept as an MD5 hash.")


def tell_slots(found: Slots, findings: Findings, **facts: str) -> None:
    numbers: dict[str, Any] = {
        "max_connections": found.most,
        "superuser_reserved_connections": found.for_superusers,
        "reserved_connections": found.reserved,
        "used": found.used,
        "free": found.free,
        **facts,
    }
    said = f"{found.used} of {found.usable} connections for ordinary roles are taken."
    if found.free == 0:
        findings.fail("NO_SLOTS", said, **numbers)
    elif found.used > _FULL * found.usable:
        findings.warn("FEW_SLOTS", said, **numbers)
    else:
        findings.ok(Layer.FREE_SLOTS, said, **numbers)


@asynccontextmanager
async def _session(target: Target, kind: EndpointKind) -> AsyncIterator[Session]:
    if kind is EndpointKind.POOLED:
        async with connect_pooled(target, application_name=_NAME, timeout_seconds=_SECONDS) as session:
            yield session
    else:
        limits: dict[str, Any] = {"statement_timeout_seconds": _SECONDS, "connect_timeout_seconds": _SECONDS}
        async with connect(target, application_name=_NAME, **limits) as session:
            yield session


async def _version(session: Session, findings: Findings, clock: Clock) -> None:
    version, major = await session_facts.version(session)
    ends = _ENDS.get(major)
    if ends is not None and ends < clock():
        findings.warn("VERSION_ENDED", f"PostgreSQL {version}; fixes ended on {ends:%Y-%m-%d}.", version=version)
    else:
        findings.ok(Layer.VERSION, f"PostgreSQL {version}.", version=version)


async def _latency(session: Session, findings: Findings) -> None:
    taken = await session_facts.round_trips(session, _ROUND_TRIPS)
    middle, slow = taken[len(taken) // 2], taken[int(len(taken) * 0.95)]
    facts: dict[str, Any] = {"round_trips": len(taken), "p50_ms": round(middle, 2), "p95_ms": round(slow, 2)}
    said = f"Half of the round trips take up to {middle:.1f} ms, 95 % up to {slow:.1f} ms."
    if middle > _FAR_MILLISECONDS:
        findings.warn("FAR_AWAY", said, **facts)
    else:
        findings.ok(Layer.LATENCY, said, **facts)


async def _read_write(session: Session, kind: EndpointKind, findings: Findings) -> None:
    is_read_only, is_standby = await session_facts.read_write(session)
    facts: dict[str, Any] = {"transaction_read_only": is_read_only, "is_standby": is_standby}
    if kind is EndpointKind.READ:
        findings.ok(Layer.READ_WRITE, "It is a read endpoint, so reading is all it has to do.", **facts)
    elif is_standby:
        findings.fail("STANDBY", "The server is a standby: nothing can be written.", **facts)
    elif is_read_only:
        findings.fail("READ_ONLY_SET", "Transactions are read only by a setting.", **facts)
    else:
        findings.ok(Layer.READ_WRITE, "It takes writes.", **facts)


async def _pool_mode(session: Session, kind: EndpointKind, mode: str | None, findings: Findings) -> None:
    is_pooled = await session_facts.is_behind_a_pooler(session)
    if kind is EndpointKind.POOLED and not is_pooled:
        findings.fail("NO_POOLER", is_pooled=False)
    elif kind is not EndpointKind.POOLED and is_pooled:
        findings.warn("POOLER_UNKNOWN", is_pooled=True)
    else:
        said = f"A pooler, in mode {mode or 'unknown'}." if is_pooled else "The server itself."
        findings.ok(Layer.POOL_MODE, said, is_pooled=is_pooled, mode=mode if is_pooled else None)
