"""Reading what lies in a location: only what was written is given out as whole."""

import asyncio
import hashlib

import pytest
from sqlmodel import select

from app.kit.age import AgeEncryptor, Identity
from app.locations.archives import CopyDamaged, IdentityMissing, open_object
from app.locations.holdings import AgeIdentity, Encryption
from app.locations.identity import current_recipient, identities
from app.locations.manifest import ObjectKind, StoredObject
from app.runtime import Runtime
from app.storage.s3 import S3Location
from app.storage.store import ObjectStore

PLAIN = bytes(range(256)) * 1000


@pytest.fixture
async def store(runtime: Runtime, s3_location: S3Location) -> ObjectStore:
    return await runtime.stores.open(s3_location)


async def put(store: ObjectStore, identity: Identity | None) -> StoredObject:
    content = PLAIN
    if identity is not None:
        encryptor = AgeEncryptor([identity.recipient])
        content = encryptor.update(PLAIN) + encryptor.finish()
    await store.put("object", content)
    return StoredObject(
        kind=ObjectKind.ARCHIVE,
        key="object",
        encryption=Encryption.NONE if identity is None else Encryption.AGE,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        plain_size_bytes=len(PLAIN),
        plain_sha256=hashlib.sha256(PLAIN).hexdigest(),
    )


async def read(store: ObjectStore, stored: StoredObject, *keys: Identity) -> bytes:
    return b"".join([chunk async for chunk in open_object(store, stored, keys)])


@pytest.mark.parametrize("identity", [None, Identity.generate()])
async def test_what_was_written_is_read(store: ObjectStore, identity: Identity | None) -> None:
    stored = await put(store, identity)
    assert await read(store, stored, *([identity] if identity else [])) == PLAIN


@pytest.mark.parametrize("identity", [None, Identity.generate()])
@pytest.mark.parametrize("damage", ["flipped", "cut", "longer"])
async def test_a_damaged_object_is_never_read_to_a_good_end(
    store: ObjectStore, identity: Identity | None, damage: str
) -> None:
    stored = await put(store, identity)
    content = bytearray(await store.get("object"))
    match damage:
        case "flipped":
            content[len(content) // 2] ^= 1
        case "cut":
            del content[-1:]
        case "longer":
            content += b"x"
    await store.put("object", content)
    with pytest.raises(CopyDamaged, match="object"):
        await read(store, stored, *([identity] if identity else []))


async def test_another_encryption_of_something_else_is_not_taken(store: ObjectStore) -> None:
    identity = Identity.generate()
    stored = await put(store, identity)
    other = stored.model_copy(update={"plain_sha256": "0" * 64})
    with pytest.raises(CopyDamaged, match="not what was encrypted"):
        await read(store, other, identity)


async def test_a_file_for_another_identity_says_so(store: ObjectStore) -> None:
    stored = await put(store, Identity.generate())
    with pytest.raises(IdentityMissing):
        await read(store, stored, Identity.generate())


async def test_one_identity_is_made_whoever_asks_first(runtime: Runtime) -> None:
    async def ask() -> str:
        async with runtime.sessions() as session, session.begin():
            return str(await current_recipient(session, runtime.key_ring))

    recipients = await asyncio.gather(*(ask() for _ in range(5)))
    assert len(set(recipients)) == 1
    async with runtime.sessions() as session:
        (identity,) = await identities(session, runtime.key_ring)
        row = (await session.exec(select(AgeIdentity))).one()
    assert str(identity.recipient) == recipients[0]
    assert identity.secret.get_secret_value().encode() not in row.identity_sealed
