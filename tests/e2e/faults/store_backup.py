"""Backups while the object store fails: for a moment, which only costs time, or for good, which the job's error names."""

from typing import Final

from tests.e2e.faults import fault
from tests.e2e.faults.server_side import BIG, BIG_ROWS, available, back_up, copied, refused, scratch, states, taken
from tests.e2e.faults.store_side import (
    FOREVER,
    broken,
    everything,
    gone,
    hurried,
    keys,
    manifest,
    place,
    uploads,
    writing,
)
from tests.e2e.world import World
from tests.storage.fault_proxy import (
    Choice,
    Exchange,
    Fault,
    abort,
    answers,
    begin,
    complete,
    error,
    lose_answer,
    method,
    part,
    reset,
    stall,
)

SLOW_DOWN: Final = answers("503 Slow Down", error("SlowDown"))
INTERNAL: Final = answers("200 OK", error("InternalError"))


async def done_and_then_an_error(exchange: Exchange) -> None:
    """The object is there, and the answer says 200 with an error in its body all the same."""
    await exchange.answer()
    lines = f"HTTP/1.1 200 OK\r\nContent-Length: {len(error('InternalError'))}\r\nConnection: close\r\n\r\n"
    exchange.writer.write((lines + error("InternalError")).encode())
    await exchange.writer.drain()


# For a moment.


async def succeeds_all_the_same(world: World, choice: Choice, trouble: Fault, *, times: int) -> None:
    async with broken(world, choice, trouble, times=times):
        backup = await taken(world, await back_up(world))
    assert backup["size_bytes"] > 0
    await gone(world, backup["id"])


@fault
async def a_store_that_is_busy_for_a_while(world: World) -> None:
    await succeeds_all_the_same(world, everything, SLOW_DOWN, times=12)


@fault
async def a_store_that_is_away_for_a_moment(world: World) -> None:
    await succeeds_all_the_same(world, everything, reset, times=12)


@fault
async def a_part_that_stalls(world: World) -> None:
    await succeeds_all_the_same(world, part(), stall, times=1)


@fault
async def a_completion_that_stalls(world: World) -> None:
    await succeeds_all_the_same(world, complete, stall, times=1)


@fault
async def a_manifest_that_stalls(world: World) -> None:
    await succeeds_all_the_same(world, manifest, stall, times=1)


@fault
async def a_completion_that_answers_200_with_an_error(world: World) -> None:
    await succeeds_all_the_same(world, complete, INTERNAL, times=2)


@fault
async def a_completion_that_is_done_and_answers_200_with_an_error(world: World) -> None:
    await succeeds_all_the_same(world, complete, done_and_then_an_error, times=1)


@fault
async def a_completion_whose_answer_is_lost(world: World) -> None:
    await succeeds_all_the_same(world, complete, lose_answer, times=1)


@fault
async def a_manifest_whose_answer_is_lost(world: World) -> None:
    await succeeds_all_the_same(world, manifest, lose_answer, times=1)


@fault
async def an_upload_whose_beginning_is_answered_late_or_never(world: World) -> None:
    """The store has begun it, and nobody has its id: it is found by listing, when the backup is done."""
    await succeeds_all_the_same(world, begin, lose_answer, times=1)


@fault
async def parts_that_are_reset_again_and_again(world: World) -> None:
    async with scratch(world, sql=BIG) as name:
        for number in (1, 3, 4):
            world.proxy.break_(part(number), reset, times=world.random.randint(1, 4))
        backup = await taken(world, await back_up(world, logical_databases=[name]))
        assert backup["rows"] == BIG_ROWS


# For good.


async def fails(world: World, choice: Choice, trouble: Fault, code: str, *, retryable: bool) -> None:
    async with hurried(world), broken(world, choice, trouble):
        accepted = await back_up(world)
        problem = await refused(world, accepted, code, retryable=retryable)
    assert "bucket backups at 127.0.0.1" in problem["detail"], problem
    assert await uploads(world, accepted["backups"][0]["id"]) == []


@fault
async def a_store_that_stays_busy(world: World) -> None:
    await fails(world, writing, SLOW_DOWN, "LOCATION_FAILED", retryable=True)


@fault
async def a_store_that_resets_every_part(world: World) -> None:
    await fails(world, part(), reset, "LOCATION_UNREACHABLE", retryable=True)


@fault
async def a_store_that_is_full_and_says_so(world: World) -> None:
    full = world.random.choice(
        [answers("507 Insufficient Storage", ""), answers("403 Forbidden", error("QuotaExceeded"))]
    )
    await fails(world, part(), full, "LOCATION_FULL", retryable=True)


@fault
async def a_store_that_is_full_and_only_says_500(world: World) -> None:
    await fails(world, part(), answers("500 Oh", error("InternalError")), "LOCATION_FAILED", retryable=True)


@fault
async def a_completion_that_never_succeeds(world: World) -> None:
    await fails(world, complete, INTERNAL, "LOCATION_FAILED", retryable=True)


@fault
async def a_manifest_that_is_never_taken(world: World) -> None:
    await fails(world, manifest, SLOW_DOWN, "LOCATION_FAILED", retryable=True)


@fault
async def a_clock_that_is_wrong(world: World) -> None:
    skewed = answers("403 Forbidden", error("RequestTimeTooSkewed"))
    await fails(world, writing, skewed, "LOCATION_CLOCK_SKEWED", retryable=False)


@fault
async def a_store_that_refuses_connections(world: World) -> None:
    """Also when the traces are to be removed: the job fails for its own reason all the same."""
    async with place(world) as there, hurried(world):
        async with there.proxy.closed():
            accepted = await back_up(world, location_ids=[there.id])
            await refused(world, accepted, "LOCATION_UNREACHABLE", retryable=True)
            job = await world.get(f"/v1/jobs/{accepted['job']['id']}")
        assert any("may be left" in warning and there.id in warning for warning in job["warnings"]), job["warnings"]


@fault
async def credentials_that_are_revoked_midway(world: World) -> None:
    """With them goes the right to clean up; whoever deletes the failed backup once they are good again does it."""
    async with place(world) as there:
        denied = answers("403 Forbidden", error("InvalidAccessKeyId"))

        async def revoked(exchange: Exchange) -> None:
            there.proxy.break_(everything, denied, times=FOREVER)
            await denied(exchange)

        there.proxy.break_(part(), revoked)
        accepted = await back_up(world, location_ids=[there.id])
        problem = await world.failed(accepted["job"])
        assert (problem["code"], problem["retryable"]) == ("LOCATION_ACCESS_DENIED", False)
        backup_id = accepted["backups"][0]["id"]
        backup = await world.get(f"/v1/backups/{backup_id}")
        assert (backup["state"], backup["copies"][0]["error"]["objects_left"]) == ("failed", True)
        there.proxy.mend()
        assert len(await uploads(world, backup_id)) == 1
        await gone(world, backup_id)
        assert (await uploads(world, backup_id), await keys(world, backup_id)) == ([], [])


@fault
async def an_abort_that_fails(world: World) -> None:
    """What it leaves open goes with the backup."""
    async with hurried(world), broken(world, abort, SLOW_DOWN), broken(world, complete, SLOW_DOWN):
        accepted = await back_up(world)
        problem = await world.failed(accepted["job"])
    assert (problem["code"], problem["retryable"]) == ("LOCATION_FAILED", True)
    backup_id = accepted["backups"][0]["id"]
    assert await uploads(world, backup_id) != []
    await gone(world, backup_id)
    assert await uploads(world, backup_id) == []


@fault
async def a_first_location_that_fails_while_the_second_works(world: World) -> None:
    """The dump begins again to the second one; the first is noted to have no copy."""
    async with hurried(world), broken(world, method("PUT"), SLOW_DOWN):
        accepted = await back_up(world, location_ids=[world.location, world.second_location])
        await world.succeeded(accepted["job"])
        backup = await copied(world, accepted["backups"][0]["id"])
    primary = [copy["location_id"] for copy in backup["copies"] if copy["is_primary"]]
    assert (backup["state"], primary) == ("partial", [world.second_location])
    assert states(backup) == {world.second_location: "available", world.location: "failed"}
    await gone(world, backup["id"])


@fault
async def a_second_location_that_fails_while_the_first_works(world: World) -> None:
    async with place(world) as there, hurried(world):
        there.proxy.break_(writing, SLOW_DOWN, times=FOREVER)
        accepted = await back_up(world, location_ids=[world.location, there.id])
        await world.succeeded(accepted["job"])
        backup = await copied(world, accepted["backups"][0]["id"])
        assert backup["state"] == "partial"
        failed = next(copy for copy in backup["copies"] if copy["location_id"] == there.id)
        assert (failed["error"]["code"], failed["error"]["retryable"]) == ("LOCATION_FAILED", True)
        await gone(world, backup["id"])


@fault
async def a_backup_after_all_that(world: World) -> None:
    """That the world is as before, not only that it says so."""
    backup = await taken(world, await back_up(world))
    assert (await available(world, backup["id"]))["error"] is None
    await gone(world, backup["id"])
