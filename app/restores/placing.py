"""The change of names by which a restored database takes the place of another, and by which it is undone."""

from typing import Any, Final
from uuid import UUID

from app.jobs.run import Run
from app.kit.names import POSTGRES_NAME_BYTES
from app.postgres.connect import Target, connect
from app.postgres.making import drop_database, maintenance, oid_of
from app.postgres.roles import role_names
from app.postgres.swap import Swap, is_done, reopen, swap_names, take_name
from app.postgres.traits import apply_traits, read_traits
from app.postgres.writes import Writes, writes_so_far
from app.restores.errors import TargetAbsent
from app.restores.loading import RestoreMemo, note_left_out, prefix_of
from app.restores.planning import Plan, application_name
from app.restores.schemas import Placed, Written

REPLACED: Final = "replaced"
UNDONE: Final = "undone"


async def put_in_place(plan: Plan, run: Run[Any, RestoreMemo]) -> Placed:
    """What the replaced database was beyond its contents (owner, grants, settings, comment) goes over to the new one.

    Those of the server as it is now, not of the time of the backup: applications log in by them today. Twice is fine.
    """
    memo = run.memo
    assert memo.temporary is not None
    assert memo.oid is not None
    async with maintenance(plan.target, application_name=application_name(run), beside=plan.name) as session:
        if memo.placed is None:
            outgoing, traits = await oid_of(session, plan.name), await read_traits(session, plan.name)
            if outgoing is None or traits is None:
                raise TargetAbsent(plan.name)
            await note_left_out(
                run, await apply_traits(session, memo.temporary, traits, roles=await role_names(session))
            )
            memo.placed = Placed(
                name=plan.name,
                incoming=memo.oid,
                beside=memo.temporary,
                outgoing=outgoing,
                aside=aside_name(plan.name, REPLACED, plan.restore.id),
                written=_written(await _writes(plan.target.with_database(memo.temporary), application_name(run))),
            )
        await run.remember()  # before any name changes; and a worker that lost its job ends here
        await swap_names(session, swap_of(memo.placed))
    return memo.placed


async def put_instead_of_empty(plan: Plan, run: Run[Any, RestoreMemo]) -> None:
    """For a new server, which came with an empty database of the name. Twice is fine.

    Both are renamed before the empty one is dropped, so a worker that lost its job cannot drop what a later one restored.
    """
    memo = run.memo
    assert memo.temporary is not None
    assert memo.oid is not None
    aside = f"{prefix_of(plan.restore)}empty"
    async with maintenance(plan.target, application_name=application_name(run), beside=plan.name) as session:
        found = await oid_of(session, plan.name)
        if found is None:
            await take_name(session, oid=memo.oid, beside=memo.temporary, name=plan.name)
        elif found != memo.oid:
            await swap_names(session, Swap(plan.name, memo.oid, memo.temporary, found, aside))
        await drop_database(session, aside)


async def put_back(
    target: Target, placed: Placed, restore_id: UUID, *, application: str
) -> tuple[Placed, Writes | None]:
    """The reverse: where everything stands then, and what was written to the restored database meanwhile.

    The latter is None where it cannot be known. Twice is fine.
    """
    back = Placed(
        name=placed.name,
        incoming=placed.outgoing,
        beside=placed.aside,
        outgoing=placed.incoming,
        aside=aside_name(placed.name, UNDONE, restore_id),
    )
    written = None
    async with maintenance(target, application_name=application, beside=placed.name) as session:
        if not await is_done(session, swap_of(back)):
            await reopen(session, swap_of(back))  # whoever died in the middle of this had closed it
            if placed.written is not None:
                now = await _writes(target.with_database(placed.name), application)
                written = now.since(Writes(**placed.written.model_dump()))
            await swap_names(session, swap_of(back))
    return back, written


def swap_of(placed: Placed) -> Swap:
    return Swap(**placed.model_dump(exclude={"written"}))


def aside_name(name: str, why: str, restore_id: UUID) -> str:
    """``name`` cut to fit, and an ending that no other restore has."""
    ending = f"_{why}_{restore_id.hex[-8:]}"
    return name.encode()[: POSTGRES_NAME_BYTES - len(ending)].decode(errors="ignore") + ending


async def _writes(target: Target, application: str) -> Writes:
    async with connect(target, application_name=application) as session:
        return await writes_so_far(session)


def _written(writes: Writes) -> Written:
    return Written(inserted=writes.inserted, updated=writes.updated, deleted=writes.deleted, reset=writes.reset)
