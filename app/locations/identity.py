"""The key pair of this installation: what is encrypted in the locations is encrypted to its recipient."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.locks import lock_key, lock_until_commit
from app.db.sealed import sealed_context
from app.kit.age import Identity, Recipient
from app.kit.ids import new_id
from app.kit.sealing import KeyRing
from app.locations.holdings import AgeIdentity

_LOCK = lock_key("age-identity")


async def current_recipient(session: AsyncSession, key_ring: KeyRing) -> Recipient:
    """The recipient of new backups. The pair is made when it is first asked for, by one process only."""
    found = await _current(session)
    if found is None:
        await lock_until_commit(session, _LOCK)
        found = await _current(session)
    if found is None:
        return await _add(session, key_ring, Identity.generate(), is_current=True)
    return Recipient.parse(found)


async def rotate_identity(session: AsyncSession, key_ring: KeyRing) -> Recipient:
    """A new pair for what is encrypted from now on. The old ones stay, to open what was encrypted to them."""
    await lock_until_commit(session, _LOCK)
    await session.exec(update(AgeIdentity).where(col(AgeIdentity.is_current)).values(is_current=False))
    return await _add(session, key_ring, Identity.generate(), is_current=True)


async def adopt_identity(session: AsyncSession, key_ring: KeyRing, identity: Identity) -> bool:
    """Takes in a pair of another installation, and whether it is new here. The first one becomes the current one."""
    await lock_until_commit(session, _LOCK)
    known = select(AgeIdentity.id).where(AgeIdentity.recipient == str(identity.recipient))
    if (await session.exec(known)).one_or_none() is not None:
        return False
    await _add(session, key_ring, identity, is_current=await _current(session) is None)
    return True


async def identities(session: AsyncSession, key_ring: KeyRing) -> list[Identity]:
    """Every key pair that there ever was, the current one first: one of them opens any backup of this installation."""
    rows = (await session.exec(select(AgeIdentity).order_by(col(AgeIdentity.is_current).desc()))).all()
    return [Identity.parse(key_ring.open(row.identity_sealed, context=_context(row.id)).decode()) for row in rows]


async def _add(session: AsyncSession, key_ring: KeyRing, identity: Identity, *, is_current: bool) -> Recipient:
    identity_id = new_id()
    sealed = key_ring.seal(identity.secret.get_secret_value().encode(), context=_context(identity_id))
    row = AgeIdentity(id=identity_id, recipient=str(identity.recipient), identity_sealed=sealed, is_current=is_current)
    session.add(row)
    await session.flush()
    return identity.recipient


async def _current(session: AsyncSession) -> str | None:
    return (await session.exec(select(AgeIdentity.recipient).where(col(AgeIdentity.is_current)))).one_or_none()


def _context(identity_id: UUID) -> str:
    return sealed_context("age_identity", "identity_sealed", identity_id)
