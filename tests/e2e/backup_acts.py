"""What else happens to the backups of a lane: copies made and deleted, verifications, slots of a schedule, retention.

And what none of it may do: delete what the guards protect.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text

from app.jobs.contract import JobArgs
from app.jobs.enqueue import enqueue
from app.kit.ids import decode_id, encode_id
from app.policies.schemas import RetainBackups, RunSchedule
from tests.e2e.lanes import Act, Lane
from tests.e2e.stage import APPLICATION

MORE: Final = ("copy", "delete_copy", "verify", "scheduled", "retain")

_FOLLOWING_SECONDS: Final = 90.0
_GOOD: Final = frozenset({"available", "partial"})
# It never fires by itself; one daily copy is kept, so that every further one has something to delete.
_POLICY: Final[dict[str, Any]] = {
    "schedules": [{"cron": "0 0 1 1 *", "zone": "UTC"}],
    "retention": {"daily": 1, "weekly": 0, "monthly": 0},
    "verify": {"weekly": "none", "every": "none"},
}
_FOLLOWING: Final = "SELECT count(*) FROM job WHERE finished_at IS NULL AND subject_id = ANY(:subjects)"


@dataclass
class BackupActs:
    lane: Lane
    policy: str | None = None
    pinned: str | None = None  # a scheduled backup, pinned
    newest: str | None = None  # of the scheduled ones that became available

    def possible(self, name: str) -> str:
        """``name``, or the action that has to come before it."""
        if name in {"copy", "delete_copy", "verify"} and not self.lane.backups:
            return "backup"
        if name == "retain" and self.newest is None:
            return "scheduled"
        return name

    async def begin(self, name: str) -> Act:
        begin: Callable[[], Awaitable[Act]] = getattr(self, name)
        return await begin()

    async def guarded(self) -> None:
        """What a guard protects is there: kept by hand, pinned, or the newest good one."""
        for backup in [*self.lane.backups, *filter(None, (self.pinned, self.newest))]:
            view = await self._view(backup)
            assert view["state"] in _GOOD, f"{backup} is {view['state']}"
            assert _with(view, "available"), f"{backup} has no copy left: {view['copies']}"

    # Actions.

    async def copy(self) -> Act:
        """To a location that has none, or has lost it; the other way round when all of them have one."""
        for backup in self.lane.random.sample(sorted(self.lane.backups), len(self.lane.backups)):
            view = await self._view(backup)
            lacking = sorted(set(self.lane.world.prefixes) - _with(view, "available"))
            if lacking:
                break
        else:
            return await self.delete_copy()
        location = self.lane.random.choice(lacking)
        accepted = await self.lane.world.post(f"/v1/backups/{backup}/copies", {"location_id": location}, expect=202)

        async def succeeded() -> None:
            assert location in _with(await self._view(backup), "available")
            self.lane.look_again_at(backup)

        async def undone() -> None:
            after = await self._view(backup)
            if location in _with(after, "available"):  # cancelled in its last moment
                await succeeded()
            assert _with(after, "available") >= _with(view, "available"), after

        return Act("copy", accepted["job"], succeeded, undone)

    async def delete_copy(self) -> Act:
        """One of several; where no backup has several, one more is made."""
        for backup in sorted(self.lane.backups):
            view = await self._view(backup)
            if len(_with(view, "available")) > 1:
                break
        else:
            return await self.copy()
        location = self.lane.random.choice(sorted(_with(view, "available")))
        path = f"/v1/backups/{backup}/copies/{location}"
        accepted = await self.lane.world.delete(path, expect=202)

        async def succeeded() -> None:
            after = await self._view(backup)
            assert location in _with(after, "deleted"), after
            assert _with(after, "available") == _with(view, "available") - {location}, after

        return Act("delete_copy", accepted["job"], succeeded, self.lane.retried(accepted["job"], succeeded))

    async def verify(self) -> Act:
        backup = self.lane.random.choice(sorted(self.lane.backups))
        level = self.lane.random.choice(("V0", "V1", "V2", "V2"))
        accepted = await self.lane.world.post(f"/v1/backups/{backup}:verify", {"level": level}, expect=202)

        async def succeeded() -> None:
            view = await self._view(backup)
            assert view["verification"] == "passed", view
            assert view["verification_level"] >= level, view  # a higher one that passed before is not forgotten
            assert view["verified_at"], view

        async def undone() -> None:
            """A trouble of ours says nothing of the backup."""
            view = await self._view(backup)
            assert view["verification"] in {"none", "passed"}, view
            assert not _with(view, "corrupt"), view

        return Act("verify", accepted["job"], succeeded, undone)

    async def scheduled(self) -> Act:
        """A slot of the policy's schedule, with what follows it."""
        policy = await self._policy()
        args = RunSchedule(
            policy_id=decode_id("pol", policy), database_id=decode_id("db", self.lane.database), number=0
        )
        job = await self._enqueued(args)

        async def succeeded() -> None:
            result = (await self.lane.world.get(f"/v1/jobs/{job['id']}"))["result"]
            (self.newest,) = result["backup_ids"]
            await self._followed()
            if self.pinned is None:
                await self._pin(self.newest)

        return Act("scheduled", job, succeeded, self._followed)

    async def retain(self) -> Act:
        job = await self._enqueued(RetainBackups(policy_id=decode_id("pol", await self._policy())))
        return Act("retain", job, self._followed, self._followed)

    # What they need.

    async def _policy(self) -> str:
        if self.policy is None:
            path = f"/v1/databases/{self.lane.database}/backup-policy"
            tag = (await self.lane.world.client.get(path)).headers["ETag"]
            wish = _POLICY | {"location_ids": sorted(self.lane.world.prefixes)}
            answer = await self.lane.world.client.put(path, json=wish, headers={"If-Match": tag})
            assert answer.is_success, answer.text
            self.policy = str(answer.json()["id"])
        return self.policy

    async def _pin(self, backup: str) -> None:
        path = f"/v1/backups/{backup}"
        tag = (await self.lane.world.client.get(path)).headers["ETag"]
        wish = {"pinned": {"reason": "the soak watches it"}}
        answer = await self.lane.world.client.patch(path, json=wish, headers={"If-Match": tag})
        assert answer.is_success, answer.text
        self.pinned = backup

    async def _enqueued(self, args: JobArgs) -> dict[str, Any]:
        """As the scheduler does it."""
        async with self.lane.world.sessions() as session, session.begin():
            enqueued = await enqueue(
                session,
                args,
                created_by=APPLICATION,
                project_id=decode_id("prj", self.lane.world.project),
                subject_id=args.subject_id(),
            )
            job = encode_id("job", enqueued.job.id)
        found: dict[str, Any] = await self.lane.world.get(f"/v1/jobs/{job}")
        return found

    async def _followed(self) -> None:
        """Passes of retention and deletions that jobs before have begun."""
        path = f"/v1/databases/{self.lane.database}/backups?limit=100"
        async with asyncio.timeout(_FOLLOWING_SECONDS):
            while True:
                backups = (await self.lane.world.get(path))["data"]
                subjects = [self.policy, *(backup["id"] for backup in backups)]
                async with self.lane.world.sessions() as session:
                    connection = await session.connection()
                    if not await connection.scalar(text(_FOLLOWING), {"subjects": subjects}):
                        return
                await asyncio.sleep(0.1)

    async def _view(self, backup: str) -> dict[str, Any]:
        view: dict[str, Any] = await self.lane.world.get(f"/v1/backups/{backup}")
        return view


def _with(view: dict[str, Any], state: str) -> set[str]:
    return {copy["location_id"] for copy in view["copies"] if copy["state"] == state}
