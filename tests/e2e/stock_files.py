"""A backup as whoever has the bucket and the key gets it: fetched, compared, opened and decoded by stock programs."""

import asyncio
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from app.locations.identity import identities
from app.locations.manifest import Manifest, StoredObject
from app.postgres.toolchain import Installation
from app.storage.store import ObjectStore
from tests.e2e.auditor import MANIFEST_BYTES
from tests.e2e.world import World


@dataclass(frozen=True)
class StockFiles:
    """Files in ``folder``, of one backup at a time. Everything here raises AssertionError when anything is not right."""

    world: World
    folder: Path

    async def fetch(self, store: ObjectStore, manifest: Manifest) -> None:
        """Every object that the manifest names, with the size and the digest that it says."""
        for stored in manifest.objects:
            digest, size = hashlib.sha256(), 0
            with self._path(stored).open("wb") as file:
                async for chunk in store.read(stored.key):
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
            assert size == stored.size_bytes, f"{stored.key} has {size} bytes instead of {stored.size_bytes}"
            assert digest.hexdigest() == stored.sha256, f"{stored.key} has another digest"

    async def plain(self, stored: StoredObject) -> Path:
        if not stored.key.endswith(".age"):
            return self._path(stored)
        identity = self.folder / "identity"
        if not identity.exists():
            async with self.world.sessions() as session:
                keys = await identities(session, self.world.key_ring)
            identity.touch(mode=0o600)
            identity.write_text("".join(f"{key.secret.get_secret_value()}\n" for key in keys))
        plain = self.folder / f"{stored.kind}.plain"
        await ran(["age", "--decrypt", f"--identity={identity}", f"--output={plain}", str(self._path(stored))])
        return plain

    async def decode(self, store: ObjectStore, manifest: Manifest) -> None:
        """Fetches, opens and reads it all, to no avail but to have done it."""
        await self.fetch(store, manifest)
        plain = await self.plain(manifest.archive_object)
        client = restoring_client(self.world, manifest)
        await ran([*client.command("pg_restore"), f"--file={os.devnull}", str(plain)])

    def _path(self, stored: StoredObject) -> Path:
        return self.folder / f"{stored.kind}.stored"


async def decode_copies(world: World, backup_id: str) -> int:
    """Each copy that is said to be there is there and whole; how many there are."""
    backup = await world.get(f"/v1/backups/{backup_id}")
    assert backup["state"] in {"available", "partial"}, backup
    good = [copy["location_id"] for copy in backup["copies"] if copy["state"] == "available"]
    assert good, f"{backup_id} is {backup['state']} and has no copy: {backup['copies']}"
    for location_id in good:
        store = await world.bucket(world.prefixes[location_id])
        try:
            await decode_at(world, store, backup_id)
        except AssertionError as wrong:
            message = f"{backup_id} is {backup['state']} in {world.prefixes[location_id]}: {wrong}"
            raise AssertionError(message) from wrong
    return len(good)


async def decode_at(world: World, store: ObjectStore, backup_id: str) -> None:
    """The backup in one place."""
    (key,) = [found.key async for found in store.list() if found.key.endswith(f"/{backup_id}/manifest.json")]
    manifest = Manifest.model_validate_json(await store.get(key, limit_bytes=MANIFEST_BYTES))
    with TemporaryDirectory(prefix="decoding-", dir=world.directory) as folder:
        await StockFiles(world, Path(folder)).decode(store, manifest)


def restoring_client(world: World, manifest: Manifest) -> Installation:
    return world.toolchain.client_for_restore(
        manifest.versions.client_major, manifest.versions.server_major, manifest.compression.algorithm
    )


async def ran(command: list[str], **environment: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *command,
        env={"PATH": os.defpath, "LC_ALL": "C", **environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, f"{Path(command[0]).name}: {errors.decode(errors='replace')[-500:]}"
