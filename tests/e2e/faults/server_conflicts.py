"""Work that excludes other work on the same database: refused at once, by the job that stands in its way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx

from app.postgres.identifiers import quoted
from tests.e2e.faults import fault
from tests.e2e.faults.server_side import (
    back_up,
    free_name,
    names,
    restore,
    restored,
    scratch,
    taken,
    unique,
)
from tests.e2e.world import World

_TABLE = "CREATE TABLE held (id integer); INSERT INTO held SELECT generate_series(1, 100)"
_ROUNDS = 3


@fault
async def two_backups_of_one_database_from_both_replicas_at_once_are_one(world: World) -> None:
    async with scratch(world, sql=_TABLE) as name:
        for _ in range(_ROUNDS):
            clients = (world.client, world.other_client, world.client, world.other_client)
            answers = await asyncio.gather(*(asked(world, client, name) for client in clients))
            won = [answer.json() for answer in answers if answer.status_code == 202]
            lost = [answer.json() for answer in answers if answer.status_code == 409]
            assert (len(won), len(lost)) == (1, 3), [answer.text for answer in answers]
            assert {problem["code"] for problem in lost} == {"JOB_CONFLICT"}
            assert {problem["blocking_job_id"] for problem in lost} == {won[0]["job"]["id"]}
            assert all(problem["retryable"] for problem in lost)
            await taken(world, won[0])


@fault
async def what_a_running_backup_excludes_is_refused_and_what_it_does_not_goes_on(world: World) -> None:
    kept = await world.good_backup()
    async with (
        scratch(world, unique("it's held"), sql=_TABLE) as name,
        scratch(world, sql=_TABLE) as other,
        free_name(world) as new,
        held_backup(world, name) as accepted,
    ):
        blocking = accepted["job"]["id"]
        excluded: list[tuple[str, Any]] = [
            (world.backups, {"logical_databases": [name]}),
            (world.backups, {"all_logical_databases": True}),
            ("/v1/restores", {"backup_id": kept, "target": {"kind": "in_place"}}),
            (f"/v1/databases/{world.database}:restart", None),
        ]
        for path, body in excluded:
            for client in (world.client, world.other_client):
                await conflicts(await client.post(path, json=body, headers=key()), blocking)
        path = f"/v1/databases/{world.database}?confirm=shop&final_backup=false"
        await conflicts(await world.client.delete(path, headers=key()), blocking)

        await taken(world, await back_up(world, logical_databases=[other]))
        await restored(world, await restore(world, kept, new))


@fault
async def a_backup_that_is_told_to_queue_waits_for_the_one_that_runs(world: World) -> None:
    async with scratch(world, sql=_TABLE) as name:
        async with held_backup(world, name) as first:
            second = await back_up(world, logical_databases=[name], on_conflict="queue")
            await conflicts(await asked(world, world.other_client, name), first["job"]["id"], second["job"]["id"])
            waiting = await world.get(f"/v1/jobs/{second['job']['id']}")
            assert (waiting["state"], waiting["started_at"]) == ("queued", None)
        await taken(world, second)


@fault
async def a_restore_into_a_name_that_exists_is_refused_at_once(world: World) -> None:
    kept = await world.good_backup()
    async with scratch(world, sql=_TABLE) as name:
        for taken_name in (name, "postgres", world.target.database):
            target = {"kind": "logical_database", "database_id": world.database, "name": taken_name}
            wish = {"backup_id": kept, "target": target}
            problem = await world.post("/v1/restores", wish, expect=409)
            assert (problem["code"], problem["retryable"]) == ("NAME_TAKEN", False)
            assert repr(taken_name) in problem["detail"]
        assert await world.value("SELECT count(*) FROM held", name=name) == 100


@fault
async def a_name_that_is_taken_while_the_restore_runs_fails_it_and_stays_as_it_is(world: World) -> None:
    kept = await world.good_backup()
    async with free_name(world) as name:
        accepted = await restore(world, kept, name)
        await world.at_step(accepted["job"], "load")
        await world.execute(f"CREATE DATABASE {quoted(name)} CONNECTION LIMIT 7", "postgres")
        problem = await world.failed(accepted["job"])
        assert (problem["code"], problem["retryable"]) == ("NAME_TAKEN", False), problem
        limit = "SELECT datconnlimit FROM pg_database WHERE datname = $1"
        assert await world.value(limit, name, name="postgres") == 7
        assert [found for found in await names(world) if found.startswith("pgm_")] == []


@fault
async def two_restores_into_one_name_at_once_are_one(world: World) -> None:
    kept = await world.good_backup()
    async with free_name(world) as name:
        target = {"kind": "logical_database", "database_id": world.database, "name": name}
        wish = {"backup_id": kept, "target": target}
        clients = (world.client, world.other_client)
        answers = await asyncio.gather(*(one.post("/v1/restores", json=wish, headers=key()) for one in clients))
        (won,) = [answer.json() for answer in answers if answer.status_code == 202]
        (lost,) = [answer for answer in answers if answer.status_code != 202]
        await conflicts(lost, won["job"]["id"])
        await restored(world, won)


@asynccontextmanager
async def held_backup(world: World, name: str) -> AsyncIterator[dict[str, Any]]:
    """A backup that runs until the end, when it succeeds."""
    async with world.session(name) as holder, holder.transaction():
        await holder.execute("LOCK TABLE held")
        accepted = await back_up(world, logical_databases=[name])
        await world.at_step(accepted["job"], "dump")
        yield accepted
    await taken(world, accepted)


async def asked(world: World, client: httpx.AsyncClient, name: str) -> httpx.Response:
    return await client.post(world.backups, json={"logical_databases": [name]}, headers=key())


async def conflicts(answer: httpx.Response, *blocking: str) -> None:
    assert answer.status_code == 409, answer.text
    problem = answer.json()
    assert (problem["code"], problem["retryable"]) == ("JOB_CONFLICT", True), problem
    assert problem["blocking_job_id"] in blocking


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}
