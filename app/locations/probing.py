"""Trying out a location, on connections of its own: those of wrong credentials must not stay open."""

import asyncio
from dataclasses import replace
from typing import Final

from app.errors import Problem
from app.kit.clock import Clock
from app.kit.sealing import KeyRing
from app.locations.access import address_of
from app.locations.errors import ProbeFailed
from app.locations.models import Location
from app.settings import StorageSettings
from app.storage.errors import EndpointForbidden, StoreUnreachable
from app.storage.probe import ProbeReport, Wishes, probe
from app.storage.retries import Patience, Retries
from app.storage.s3 import Manner, S3Location, S3Stores

PROBE_SECONDS: Final = 45.0
# Somebody waits for the answer, and a store that is away for seconds is worth telling.
_ONCE_MORE: Final = Retries(attempts=2, base_seconds=0.25, cap_seconds=1)
_IMPATIENT: Final = Patience(parts=_ONCE_MORE, calls=_ONCE_MORE, call_seconds=5, stall_seconds=10)


async def try_out(location: Location, key_ring: KeyRing, storage: StorageSettings, clock: Clock) -> ProbeReport:
    """Writes, reads and deletes. Raises ProbeFailed, and EndpointForbidden for an address that may not be called."""
    stores = S3Stores(
        allow_insecure=location.allow_insecure and storage.allow_insecure_endpoints,
        allow_private=storage.allow_private_endpoints,
        patience=_IMPATIENT,
    )
    try:
        async with asyncio.timeout(PROBE_SECONDS), stores:
            return await _probe(stores, location, address_of(location, key_ring), clock)
    except EndpointForbidden:
        raise
    except Problem as problem:
        raise ProbeFailed(problem) from problem
    except TimeoutError:
        late = StoreUnreachable(f"{location.endpoint_url} was not done with the probe after {PROBE_SECONDS:.0f} s.")
        raise ProbeFailed(late) from None


async def _probe(stores: S3Stores, location: Location, address: S3Location, clock: Clock) -> ProbeReport:
    encrypting = None
    if location.sse is not None:
        writing = replace(address.manner.writing, object_lock=None)
        encrypting = await stores.open(replace(address, manner=Manner(writing=writing)))
    wishes = Wishes(encrypting, location.sse, object_lock=location.object_lock is not None)
    return await probe(await stores.open(replace(address, manner=Manner())), clock=clock, wishes=wishes)
