"""An archive as whoever has the bucket and the key gets it: its manifest, and the plain file that pg_restore reads."""

import asyncio
import hashlib
from pathlib import Path

from installation import Installation

from app.db.engine import create_engine, create_sessions
from app.kit.age import AgeDecryptor, Identity
from app.kit.sealing import KeyRing
from app.locations.identity import identities
from app.locations.manifest import Manifest

PIECE_BYTES = 1024 * 1024


async def manifest_of(installation: Installation, backup_id: str, *, prefix: str) -> Manifest:
    (key,) = [key for key in await installation.keys(f"{prefix}/") if key.endswith(f"/{backup_id}/manifest.json")]
    return Manifest.model_validate_json(await installation.read(key))


async def plain_archive(installation: Installation, manifest: Manifest, file: Path, *, prefix: str) -> None:
    """Downloads and decrypts it: nobody's measured time, but what a restore from a local file begins with."""
    sealed = file.with_suffix(".age")
    await installation.download(f"{prefix}/{manifest.archive_object.key}", sealed)
    settings = installation.stack.settings
    engine = create_engine(settings.database_url.get_secret_value(), application_name="bench", pooled=False)
    try:
        async with create_sessions(engine)() as session:
            keys = await identities(session, KeyRing.parse(settings.secret_keys.get_secret_value()))
    finally:
        await engine.dispose()
    digest = await asyncio.to_thread(_decrypt, sealed, file, keys)
    assert digest == manifest.archive_object.plain_sha256
    sealed.unlink()


def _decrypt(sealed: Path, file: Path, keys: list[Identity]) -> str:
    decryptor, digest = AgeDecryptor(keys), hashlib.sha256()
    with sealed.open("rb") as source, file.open("wb") as plain:
        while piece := source.read(PIECE_BYTES):
            opened = decryptor.update(piece)
            plain.write(opened)
            digest.update(opened)
        rest = decryptor.finish()
        plain.write(rest)
        digest.update(rest)
    return digest.hexdigest()
