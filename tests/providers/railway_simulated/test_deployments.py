"""Waiting for a deployment, reading old ones and their logs, and regions: our client against the simulated platform."""

from datetime import datetime, timedelta

import pytest

from app.kit.clock import utc_now
from app.providers.railway.deployments import (
    DeploymentFailed,
    DeploymentPending,
    active,
    deployments,
    newest,
    own_deployment,
    settled,
)
from app.providers.railway.errors import RailwayNotFound
from app.providers.railway.logs import deployment_logs
from app.providers.railway.place import PlaceUnknown
from app.providers.railway.regions import regions
from tests.providers.railway_simulated.asking import ask, commit
from tests.providers.railway_simulated.speaking import a_place, speaking
from tests.railway_simulator.process import Simulator

REDEPLOY = "mutation($e: String!, $s: String!) { serviceInstanceRedeploy(environmentId: $e, serviceId: $s) }"
NOBODY_PULLS = {"source": {"image": "postgres:3"}}


class Notes(list[str]):
    def __call__(self, note: str) -> None:
        self.append(note)


async def test_a_deployment_is_waited_for_until_it_is_up(platform: Simulator) -> None:
    notes = Notes()
    async with speaking(platform) as client:
        place = await a_place(platform, platform.environment_id)
        found = await settled(client, place, seconds=30, note=notes)
        assert (found.status, found.is_up, found.service_id) == ("SUCCESS", True, place.service_id)
        assert await active(client, place) == [found.id]
        assert await settled(client, place, seconds=30, note=Notes()) == found
    assert set(notes) <= {f"the deployment at Railway is {status}" for status in ("INITIALIZING", "DEPLOYING")} | {
        "no deployment has begun yet"
    }


@pytest.mark.parametrize("by_moment", [False, True])
async def test_one_from_before_a_change_does_not_count(platform: Simulator, by_moment: bool) -> None:
    async with speaking(platform) as client:
        place = await a_place(platform, platform.environment_id)
        first = await settled(client, place, seconds=30, note=Notes())
        after: str | datetime = first.created_at if by_moment else first.id
        notes = Notes()
        with pytest.raises(DeploymentPending, match="none has begun"):
            await settled(client, place, after=after, seconds=0.2, note=notes)
        assert set(notes) == {"no deployment has begun yet"}
        await ask(platform, REDEPLOY, e=place.environment_id, s=place.service_id)
        second = await settled(client, place, after=after, seconds=30, note=Notes())
        assert second.id != first.id
        assert await newest(client, place) == second


async def test_one_that_fails_is_told_with_its_last_lines_and_the_way_out(platform: Simulator) -> None:
    async with speaking(platform) as client:
        place = await a_place(platform, platform.environment_id)
        first = await settled(client, place, seconds=30, note=Notes())
        await commit(platform, place.environment_id, {"services": {place.service(): NOBODY_PULLS}})
        with pytest.raises(DeploymentFailed) as failed:
            await settled(client, place, after=first.id, seconds=30, note=Notes())
        assert await active(client, place) == [first.id]
    problem = failed.value
    assert problem.members["deployment_status"] == "FAILED"
    assert problem.members["log"] == ["Failed to pull image postgres:3: manifest unknown"]
    assert "check the image and its tag, then redeploy" in problem.detail
    assert problem.detail.endswith("manifest unknown")
    assert not problem.retryable


async def test_a_failure_is_told_without_its_log_when_that_cannot_be_read(platform: Simulator) -> None:
    async with speaking(platform) as client:
        place = await a_place(platform, platform.environment_id)
        first = await settled(client, place, seconds=30, note=Notes())
        await commit(platform, place.environment_id, {"services": {place.service(): NOBODY_PULLS}})
        await platform.fault("deploymentLogs", "internal")
        with pytest.raises(DeploymentFailed, match="the log cannot be read"):
            await settled(client, place, after=first.id, seconds=30, note=Notes())


async def test_deployments_come_newest_first_in_pages(platform: Simulator) -> None:
    async with speaking(platform) as client:
        place = await a_place(platform, platform.environment_id)
        last = await settled(client, place, seconds=30, note=Notes())
        for _ in range(2):
            await ask(platform, REDEPLOY, e=place.environment_id, s=place.service_id)
            last = await settled(client, place, after=last.id, seconds=30, note=Notes())
        page = await deployments(client, place, first=2)
        assert (len(page.deployments), page.deployments[0].id) == (2, last.id)
        assert page.end_cursor is not None
        rest = await deployments(client, place, first=2, after=page.end_cursor)
        assert (len(rest.deployments), rest.end_cursor) == (1, None)
        assert rest.deployments[0].created_at < page.deployments[1].created_at


async def test_a_deployment_of_another_service_is_none_of_ours(platform: Simulator) -> None:
    async with speaking(platform) as client:
        place, other = [await a_place(platform, platform.environment_id) for _ in range(2)]
        found = await settled(client, place, seconds=30, note=Notes())
        mine = await own_deployment(client, place, found.id)
        assert (mine.id if mine else None) == found.id
        assert await own_deployment(client, other, found.id) is None
        with pytest.raises(RailwayNotFound):
            await own_deployment(client, place, "8c0d3f5e-0000-4000-8000-000000000000")
        with pytest.raises(PlaceUnknown):
            await newest(client, place.model_copy(update={"service_id": None}))


async def test_logs_are_bounded_by_number_and_time(platform: Simulator) -> None:
    async with speaking(platform) as client:
        place = await a_place(platform, platform.environment_id)
        found = await settled(client, place, seconds=30, note=Notes())
        lines = await deployment_logs(client, found.id, limit=100)
        assert "Started" in [line.message for line in lines]
        assert [line.timestamp for line in lines] == sorted(line.timestamp for line in lines)
        assert len(await deployment_logs(client, found.id, limit=1)) == 1
        later = utc_now() + timedelta(hours=1)
        assert await deployment_logs(client, found.id, limit=100, since=later) == []


async def test_regions_are_named_as_settings_take_them(platform: Simulator) -> None:
    async with speaking(platform) as client:
        found = await regions(client, platform.project_id)
    assert [region.name for region in found] == sorted(region.name for region in found)
    assert all(region.location and region.country for region in found)
    assert all(region.replacement is None for region in found if not region.is_deprecated)
