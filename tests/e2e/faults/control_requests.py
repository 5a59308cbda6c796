"""One request given to two replicas, a replica that dies under its readers, and requests that are only tried."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.e2e.faults import fault
from tests.e2e.faults.control_side import rows
from tests.e2e.faults.server_side import back_up, names, taken
from tests.e2e.faults.store_side import gone, held, manifest
from tests.e2e.world import BUCKET, World
from tests.storage.fault_proxy import part

_ROUNDS: Final = 3
_EACH: Final = 4


@fault
async def one_idempotency_key_given_to_two_replicas_at_once(world: World) -> None:
    """Exactly one job, whoever of them makes it; the others get the same answer, or are told that it is being made."""
    for _ in range(_ROUNDS):
        headers, before = {"Idempotency-Key": uuid4().hex}, await rows(world)
        clients = (world.client, world.other_client) * _EACH
        answers = await asyncio.gather(*(client.post(world.backups, json={}, headers=headers) for client in clients))
        made = {answer.json()["job"]["id"] for answer in answers if answer.status_code == 202}
        refused = [answer.json() for answer in answers if answer.status_code != 202]
        assert len(made) == 1, answers
        assert {(one["code"], one["retryable"]) for one in refused} <= {("IDEMPOTENCY_IN_FLIGHT", True)}, refused
        assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1 + len(refused)
        (again,) = {(await client.post(world.backups, json={}, headers=headers)).text for client in clients[:2]}
        accepted = json.loads(again)
        assert accepted["job"]["id"] in made
        backup = await taken(world, accepted)
        after = await rows(world)
        assert {name: after[name] - before[name] for name in ("job", "backup", "idempotency_key")} == {
            "job": 1,
            "backup": 1,
            "idempotency_key": 1,
        }
        await gone(world, backup["id"])


@fault
async def one_idempotency_key_for_two_bodies(world: World) -> None:
    """Whichever replica gets the second, and also while the first still runs."""
    headers = {"Idempotency-Key": uuid4().hex}
    accepted = (await world.client.post(world.backups, json={}, headers=headers)).json()
    for client in (world.client, world.other_client):
        answer = await client.post(world.backups, json={"encryption": "none"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_MISMATCH")
        same = await client.post(world.backups, content=b"{ }", headers=headers | {"Content-Type": "application/json"})
        assert (same.status_code, same.json()["job"]["id"]) == (202, accepted["job"]["id"])
    backup = await taken(world, accepted)
    await gone(world, backup["id"])


@fault
async def two_requests_at_once_for_two_bodies_with_one_key(world: World) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    bodies = [{"labels": {"which": "first"}}, {"labels": {"which": "second"}}]
    clients = (world.client, world.other_client)
    answers = await asyncio.gather(
        *(client.post(world.backups, json=body, headers=headers) for client, body in zip(clients, bodies, strict=True))
    )
    (winner,) = [answer for answer in answers if answer.status_code == 202]
    (loser,) = [answer for answer in answers if answer.status_code != 202]
    assert (loser.status_code, loser.json()["code"]) in ((409, "IDEMPOTENCY_IN_FLIGHT"), (422, "IDEMPOTENCY_MISMATCH"))
    backup = await taken(world, winner.json())
    assert backup["labels"] == json.loads(winner.request.content)["labels"]
    await gone(world, backup["id"])


# The event stream.


@dataclass
class Follower:
    """Reads a job's events from one replica until that one dies, and from the next one what it has missed."""

    job: dict[str, Any]
    numbers: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, *clients: httpx.AsyncClient) -> None:
        for client in clients:
            last = {"Last-Event-ID": str(self.numbers[-1])} if self.numbers else {}
            try:
                async with client.stream("GET", f"/v1/jobs/{self.job['id']}/events", headers=last) as answer:
                    assert answer.status_code == 200
                    await self._read(answer)
            except httpx.TransportError:
                continue  # it died
            if self.kinds[-1:] == ["end"]:
                return

    async def _read(self, answer: httpx.Response) -> None:
        kind = ""
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "id":
                self.numbers.append(int(value))
                self.kinds.append(kind)
                self.begun.set()


@asynccontextmanager
async def following(world: World) -> AsyncIterator[Follower]:
    """While the job stands still before its manifest; it ends when the context does, and so must the following."""
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks, held(world, manifest) as gate:
        follower = Follower((await back_up(world))["job"])
        tasks.create_task(follower.follow(world.client, world.other_client, world.client))
        await gate.arrived()
        await follower.begun.wait()
        yield follower
    assert follower.kinds[-1] == "end"
    assert follower.numbers == list(range(1, len(follower.numbers) + 1))
    await gone(world, (await world.ended(follower.job))["result"]["backup_ids"][0])


@fault
async def a_replica_killed_while_a_client_follows_a_job(world: World) -> None:
    try:
        async with following(world):
            await world.apis[0].kill()
            await world.apis[0].put_right()
    finally:
        await world.put_right()


@fault
async def a_replica_asked_to_stop_while_a_client_follows_a_job(world: World) -> None:
    try:
        async with following(world):
            await world.apis[0].stop()
            await world.apis[0].put_right()
    finally:
        await world.put_right()


# Dry runs.


@fault
async def requests_that_are_only_tried(world: World) -> None:
    """Every mutation, with a body that would do: nothing of it is kept, in no table, bucket or server."""
    backup = await world.good_backup()
    store = await world.bucket("")
    before = await rows(world), [found.key async for found in store.list()], await names(world)
    login = world.target
    place = {
        "project_id": world.project,
        "name": "tried",
        "endpoint_url": world.store.endpoint_url,
        "bucket": BUCKET,
        "prefix": "tried",
        "region": "us-east-1",
        "addressing": "path",
        "access_key_id": world.store.access_key,
        "secret_access_key": world.store.secret_key.get_secret_value(),
        "allow_insecure": True,
    }
    adopted = {
        "provider": "external",
        "project_id": world.project,
        "name": "tried",
        "connection_string": f"postgresql://{login.user}:{login.password.get_secret_value()}@{login.host}:{login.port}/x",
    }
    tried: list[tuple[str, str, dict[str, Any] | None]] = [
        ("POST", "/v1/projects", {"name": "tried"}),
        ("PATCH", f"/v1/projects/{world.project}", {"name": "tried"}),
        ("POST", f"/v1/projects/{world.project}/environments", {"name": "tried", "kind": "staging"}),
        ("POST", "/v1/api-keys", {"name": "tried", "scopes": ["jobs:read"]}),
        ("POST", "/v1/locations", place),
        ("PATCH", f"/v1/locations/{world.location}", {"name": "tried"}),
        ("POST", f"/v1/locations/{world.location}:probe", None),
        ("POST", "/v1/databases", {"provider": "local", "project_id": world.project, "name": "tried"}),
        ("POST", "/v1/databases", adopted | {"connection_string": adopted["connection_string"].removesuffix("x")}),
        ("PATCH", f"/v1/databases/{world.database}", {"labels": {"a": "b"}}),
        ("POST", f"/v1/databases/{world.database}:restart", None),
        ("DELETE", f"/v1/databases/{world.database}?confirm=shop", None),
        ("POST", world.backups, {}),
        ("PATCH", f"/v1/backups/{backup}", {"labels": {}}),
        ("POST", f"/v1/backups/{backup}/downloads", {}),
        ("DELETE", f"/v1/backups/{backup}?confirm={backup}", None),
        ("POST", "/v1/restores", {"backup_id": backup, "target": {"kind": "logical_database", "name": "tried"}}),
        ("POST", f"/v1/backups/{backup}:restore", {"target": {"kind": "in_place"}}),
        ("POST", f"/v1/backups/{backup}:restore", {"target": {"kind": "new_database", "name": "tried"}}),
    ]
    for method, path, body in tried:
        whole = f"{path}{'&' if '?' in path else '?'}dry_run=true"
        answer = await world.client.request(method, whole, json=body, headers={"Idempotency-Key": uuid4().hex})
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        assert answer.headers["dry-run"] == "true"
    assert (await rows(world), [found.key async for found in store.list()], await names(world)) == before


@fault
async def a_job_that_is_cancelled_only_on_trial(world: World) -> None:
    async with held(world, part()) as gate:
        accepted = await back_up(world)
        await gate.arrived()
        await world.post(f"/v1/jobs/{accepted['job']['id']}:cancel?dry_run=true", expect=202)
    backup = await taken(world, accepted)
    await gone(world, backup["id"])
