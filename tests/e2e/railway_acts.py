"""What is done to a database on the simulated Railway while workers are killed, and what must be there afterwards.

Judged by what the platform itself shows: its services, volumes, proxies, staged changes and servers.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from tests.e2e.railway_world import RailwayWorld
from tests.sessions import connect

ACTS: Final = ("create", "snapshot", "restore", "resize", "delete")
_MORE_MB: Final = 1000
_MAJOR: Final = 15  # the one whose server has TLS on every machine that runs the tests


@dataclass(frozen=True)
class Act:
    name: str
    job: dict[str, Any]
    judge: Callable[[dict[str, Any]], Awaitable[None]]
    """Given the job's document at its end. Raises AssertionError."""


@dataclass
class Platform:
    """The platform at one moment, without what is gone or about to go."""

    services: dict[str, dict[str, Any]]
    volumes: dict[str, dict[str, Any]]  # instances, by the ids of their volumes
    proxies: dict[str, dict[str, Any]]
    backups: dict[str, dict[str, Any]]
    staged: list[Any] = field(default_factory=list)

    @classmethod
    async def seen(cls, world: RailwayWorld) -> "Platform":
        state = await world.railway.state()
        return cls(
            services={one["service_id"]: one for one in state["service_instances"] if not one["deleted_at"]},
            volumes={one["volume_id"]: one for one in state["volume_instances"] if not one["deleted_at"]},
            # One that is on its way out leads nowhere any more.
            proxies={one["id"]: one for one in state["proxies"] if one["status"] not in ("DELETING", "DELETED")},
            backups={one["id"]: one for one in state["backups"] if not one["deleted_at"]},
            staged=[one["staged"] for one in state["environments"] if one["staged"] and one["staged"]["patch"]],
        )


class Life:
    """One database from its creation to its end, one act after the other."""

    def __init__(self, world: RailwayWorld, random: Random, *, name: str = "shop") -> None:
        self._world, self._random, self._called = world, random, name
        self._number = 0
        self._database = ""
        self._name = ""
        self._service = ""
        self._volume = ""
        self._size_mb = 0

    async def begin(self, act: str) -> Act:
        """``create`` is made by the template or by a patch of ours, as chance has it; ``create_by_…`` says by which."""
        begin: Callable[[], Awaitable[Act]] = getattr(self, f"_{act}")
        return await begin()

    async def _create(self) -> Act:
        return await (self._create_by_patch() if self._random.random() < 0.5 else self._create_by_template())

    async def _create_by_template(self) -> Act:
        return await self._created({})

    async def _create_by_patch(self) -> Act:
        return await self._created({"service_name": f"{self._called}-{self._number + 1}", "major": _MAJOR})

    async def _created(self, wishes: dict[str, Any]) -> Act:
        before = await Platform.seen(self._world)
        self._number += 1
        self._name = f"{self._called}-{self._number}"
        wish = self._world.railway.railway.database(self._world.project, self._world.connection, self._name)
        accepted = await self._world.call("POST", "/v1/databases", wish | wishes, expect=202)
        self._database = accepted["database"]["id"]

        async def judge(_job: dict[str, Any]) -> None:
            after = await Platform.seen(self._world)
            services, volumes = after.services.keys() - before.services, after.volumes.keys() - before.volumes
            assert len(services) == 1, f"{len(services)} services were made"
            assert len(volumes) == 1, f"{len(volumes)} volumes were made"
            (self._service,), (self._volume,) = services, volumes
            assert after.volumes[self._volume]["service_id"] == self._service
            assert len(after.proxies) == len(before.proxies) + 1
            assert after.staged == []
            place = (await self._world.row(self._database)).provider_data
            assert (place["service_id"], place["volume_id"]) == (self._service, self._volume)
            self._size_mb = after.volumes[self._volume]["size_mb"]
            await self._run("CREATE TABLE kept (moment text PRIMARY KEY)")

        return Act("create", accepted["job"], judge)

    async def _snapshot(self) -> Act:
        before = await Platform.seen(self._world)
        await self._run("INSERT INTO kept VALUES ('before the snapshot') ON CONFLICT DO NOTHING")
        accepted = await self._world.call("POST", f"/v1/databases/{self._database}/snapshots", {}, expect=202)

        async def judge(_job: dict[str, Any]) -> None:
            after = await Platform.seen(self._world)
            assert len(after.backups.keys() - before.backups) == 1, "not one snapshot was made"
            assert after.volumes.keys() == before.volumes.keys()
            await self._run("INSERT INTO kept VALUES ('after the snapshot') ON CONFLICT DO NOTHING")

        return Act("snapshot", accepted["job"], judge)

    async def _restore(self) -> Act:
        before = await Platform.seen(self._world)
        snapshots = (await self._world.get(f"/v1/databases/{self._database}/snapshots"))["data"]
        path = f"/v1/databases/{self._database}/snapshots/{snapshots[0]['id']}:restore?confirm={self._name}"
        accepted = await self._world.call("POST", path, {"safety_backup": False}, expect=202)

        async def judge(job: dict[str, Any]) -> None:
            after = await Platform.seen(self._world)
            assert after.services.keys() == before.services.keys()
            assert after.staged == [], "a staged change was left"
            added = after.volumes.keys() - before.volumes
            assert len(added) == 1, f"{len(added)} volumes were made"
            old, (self._volume,) = self._volume, added
            assert after.volumes[self._volume]["service_id"] == self._service
            assert after.volumes[old]["service_id"] is None
            assert old in str(job["result"]), "the old volume is not told of"
            assert await self._run("SELECT string_agg(moment, ',') FROM kept") == "before the snapshot"

        return Act("restore", accepted["job"], judge)

    async def _resize(self) -> Act:
        before = await Platform.seen(self._world)
        wanted = self._size_mb + _MORE_MB
        path = f"/v1/databases/{self._database}:resize"
        accepted = await self._world.call("POST", path, {"volume_size_mb": wanted}, expect=202)

        async def judge(_job: dict[str, Any]) -> None:
            after = await Platform.seen(self._world)
            self._size_mb = wanted
            assert after.volumes[self._volume]["size_mb"] == wanted
            assert after.services.keys() == before.services.keys()
            assert after.volumes.keys() == before.volumes.keys()
            assert after.staged == []
            await self._run("SELECT count(*) FROM kept")

        return Act("resize", accepted["job"], judge)

    async def _delete(self) -> Act:
        before = await Platform.seen(self._world)
        path = f"/v1/databases/{self._database}?confirm={self._name}&final_backup=false"
        accepted = await self._world.call("DELETE", path, expect=202)

        async def judge(_job: dict[str, Any]) -> None:
            after = await Platform.seen(self._world)
            assert before.services.keys() - after.services == {self._service}
            # The volume that a restored snapshot had replaced stays until somebody says so.
            assert before.volumes.keys() - after.volumes == {self._volume}
            assert len(after.proxies) == len(before.proxies) - 1
            assert (await self._world.row(self._database)).state == "deleted"

        return Act("delete", accepted["job"], judge)

    async def _run(self, sql: str) -> Any:
        target = await self._world.target(self._database)
        async with connect(target, application_name="life") as session:
            return await session.fetchval(sql)
