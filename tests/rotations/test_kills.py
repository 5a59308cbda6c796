"""A rotation killed at every point: afterwards exactly one credential is current and works, and every login is on record."""

from functools import partial
from uuid import UUID

from app.databases.access import password_of
from app.jobs.cancelling import cancel_family
from app.kit.ids import decode_id
from app.postgres.identifiers import literal
from tests.rotations.conftest import Rotator
from tests.rotations.dying import Death, death, drive

__all__ = ["death"]


async def one_is_current_and_works(rotator: Rotator) -> None:
    """And the other one does not; nothing is left half done."""
    logins = await rotator.logins()
    current = await rotator.current()
    assert await rotator.works(current.role, rotator.password(current))
    assert sorted(login.state for login in logins.values()) == ["current", "disabled"]
    assert [login.next_password_sealed for login in logins.values()] == [None, None]
    prefix = rotator.application.owner_role.removesuffix("owner")
    members = f"FROM pg_roles WHERE starts_with(rolname, {literal(prefix)})"
    assert await rotator.ask(f"SELECT array_agg(rolname::text ORDER BY 1) {members} AND rolcanlogin") == [current.role]
    assert await rotator.ask(f"SELECT count(*) {members}") == 3


async def test_an_overlap(rotator: Rotator, death: Death) -> None:
    at, died = 0, True
    while died:
        at += 1
        former = await rotator.current()
        await rotator.rotate("app", grace_seconds=0)
        death.comes(at)
        job = await drive(rotator.runtime, death)
        died = death.leaves()
        assert job.state == "succeeded", (at, job.error)
        assert (await rotator.current()).role != former.role, at
        await one_is_current_and_works(rotator)
    assert at > 12


async def test_an_overlap_that_is_cancelled_where_its_worker_died(rotator: Rotator, death: Death) -> None:
    """And whose cleaner dies as well, a little later."""
    at, died = -1, [True]

    async def cancel(job_id: UUID, later: int) -> None:
        died.append(True)
        death.leaves()
        async with rotator.runtime.sessions() as session, session.begin():
            await cancel_family(session, job_id, by="test", whole=True)
        death.comes(later)

    while died:
        at += 2
        died.clear()
        former = await rotator.current()
        password = rotator.password(former)
        accepted = await rotator.rotate("app", grace_seconds=0)
        death.comes(at)
        job_id = decode_id("job", accepted["job"]["id"])
        job = await drive(rotator.runtime, death, after_death=partial(cancel, job_id, 1 + at % 7))
        death.leaves()
        assert job.state == ("cancelled" if died else "succeeded"), (at, job.error)
        await one_is_current_and_works(rotator)
        if (await rotator.current()).role == former.role:
            assert await rotator.works(former.role, password), at
        else:
            assert not died or "too late" in job.warnings[-1], at
    assert at > 12


async def test_a_password_that_is_changed_at_once(rotator: Rotator, death: Death) -> None:
    at, died = -1, True
    while died:
        at += 2
        former = await rotator.current()
        before = rotator.password(former)
        await rotator.rotate("app", strategy="immediate")
        death.comes(at)
        job = await drive(rotator.runtime, death)
        died = death.leaves()
        assert job.state == "succeeded", (at, job.error)
        assert not await rotator.works(former.role, before), at
        await one_is_current_and_works(rotator)
    assert at > 8


async def test_the_login_that_we_use(rotator: Rotator, death: Death) -> None:
    role, at, died = rotator.database.username or "", 0, True
    while died:
        at += 1
        former = password_of(await rotator.row(), rotator.runtime.key_ring)
        await rotator.rotate(role)
        death.comes(at)
        job = await drive(rotator.runtime, death)
        died = death.leaves()
        assert job.state == "succeeded", (at, job.error)
        assert await rotator.ours_works(), at
        assert not await rotator.works(role, former), at
        assert role not in await rotator.logins()
    assert at > 8


async def test_the_login_that_we_use_when_it_is_cancelled_where_its_worker_died(rotator: Rotator, death: Death) -> None:
    role, at, died = rotator.database.username or "", -1, [True]

    async def cancel(job_id: UUID, later: int) -> None:
        died.append(True)
        death.leaves()
        async with rotator.runtime.sessions() as session, session.begin():
            await cancel_family(session, job_id, by="test", whole=True)
        death.comes(later)

    while died:
        at += 2
        died.clear()
        accepted = await rotator.rotate(role)
        death.comes(at)
        job_id = decode_id("job", accepted["job"]["id"])
        job = await drive(rotator.runtime, death, after_death=partial(cancel, job_id, 1 + at % 5))
        death.leaves()
        assert job.state == ("cancelled" if died else "succeeded"), (at, job.error)
        assert await rotator.ours_works(), at
        assert role not in await rotator.logins()
    assert at > 8
