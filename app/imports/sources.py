"""Where a file comes from: its bytes as they are there, and how many it says that they are."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from app.db.sealed import sealed_context
from app.http import AddressGuard, download_guarded
from app.imports.errors import SourceTooLarge
from app.imports.models import Import, SourceKind
from app.kit.sealing import KeyRing
from app.locations.access import open_store
from app.locations.models import Location
from app.runtime import Runtime
from app.storage.errors import ObjectMissing

_SILENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class OpenSource:
    size_bytes: int | None
    chunks: AsyncIterator[bytes]


def seal_url(row: Import, url: str, key_ring: KeyRing) -> bytes:
    return key_ring.seal(url.encode(), context=_context(row))


@asynccontextmanager
async def open_source(runtime: Runtime, row: Import, location: Location | None) -> AsyncGenerator[OpenSource]:
    """``location`` is where an object lies. Raises what the address guard, the other side or the store has against it."""
    most = runtime.settings.imports.max_bytes
    if row.source_kind == SourceKind.URL:
        assert row.url_sealed is not None
        url = runtime.key_ring.open(row.url_sealed, context=_context(row)).decode()
        guard = AddressGuard(allow_private=runtime.settings.imports.allow_private)
        async with download_guarded(url, guard=guard, silence_seconds=_SILENCE_SECONDS) as download:
            require_size(download.size_bytes, most)
            yield OpenSource(download.size_bytes, download.chunks)
        return
    assert location is not None
    assert row.source_key is not None
    store = await open_store(runtime.stores, runtime.key_ring, location)
    found = await store.head(row.source_key)
    if found is None:
        raise ObjectMissing(f"There is no object {row.source_key} in the location {location.name}.", key=row.source_key)
    require_size(found.size_bytes, most)
    async with aclosing(store.read(row.source_key)) as chunks:
        yield OpenSource(found.size_bytes, chunks)


def require_size(size_bytes: int | None, most: int) -> None:
    if size_bytes is not None and size_bytes > most:
        raise SourceTooLarge(
            f"The file has more bytes than the {most} that this service takes (PGM_IMPORTS__MAX_BYTES).", max_bytes=most
        )


def _context(row: Import) -> str:
    return sealed_context("import", "url_sealed", row.id)
