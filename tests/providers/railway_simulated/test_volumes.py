"""Larger volumes, and limits: asked for once, read back, and refused with what Railway says."""

import pytest

from app.providers.railway.errors import RailwayProblem
from app.providers.railway.limits import Allowance, allow, limits
from app.providers.railway.volumes import VolumeCannotShrink, VolumeSizeRefused, resize, volume
from tests.providers.railway_simulated.asking import an_environment, deployed
from tests.providers.railway_simulated.speaking import a_place, speaking
from tests.railway_simulator.process import Simulator

LOST = ["lost_answer", "lost_request", "html_502_after"]


@pytest.mark.parametrize("kind", ["", *LOST])
async def test_a_volume_grows_is_read_back_and_its_service_not_deployed(platform: Simulator, kind: str) -> None:
    place = await a_place(platform, await an_environment(platform), volume=True)
    before = await deployed(platform, place.environment_id, place.service())
    async with speaking(platform) as client:
        size = (await volume(client, place)).size_mb
        if kind:
            await platform.fault("environmentPatchCommit", kind)
        assert (await resize(client, place, size + 1000)).size_mb == size + 1000
        assert (await resize(client, place, size + 1000)).size_mb == size + 1000
    assert await deployed(platform, place.environment_id, place.service()) == before


async def test_a_volume_that_is_still_growing_is_waited_for(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform), volume=True)
    await platform.settings(resize_seconds=1.0)
    told: list[str] = []
    async with speaking(platform) as client:
        size = (await volume(client, place)).size_mb
        await platform.fault("environmentPatchCommit", "lost_answer")
        await resize(client, place, size + 1000, note=told.append)
    assert any("UPDATING" in line for line in told)
    assert (await platform.state())["requests"]


async def test_a_volume_never_shrinks(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform), volume=True)
    async with speaking(platform) as client:
        with pytest.raises(VolumeCannotShrink, match="50000 MB"):
            await resize(client, place, 10_000)


async def test_what_the_plan_does_not_give_is_refused_in_railways_words(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform), volume=True)
    await platform.settings(largest_volume_mb=60_000)
    async with speaking(platform) as client:
        with pytest.raises(VolumeSizeRefused) as refused:
            await resize(client, place, 70_000)
        assert (await volume(client, place)).size_mb == 50_000
    assert "60000 MB at most" in refused.value.detail
    assert "50 GB on Pro" in refused.value.detail


@pytest.mark.parametrize("kind", ["", *LOST])
async def test_limits_are_set_one_by_one_and_read_back(platform: Simulator, kind: str) -> None:
    place = await a_place(platform, await an_environment(platform))
    async with speaking(platform) as client:
        assert (await limits(client, place)).own == Allowance()
        if kind:
            await platform.fault("serviceInstanceLimitsUpdate", kind)
        await allow(client, place, Allowance(memory_gb=2))
        await allow(client, place, Allowance(vcpus=1.5))
        found = await limits(client, place)
    assert found.own == Allowance(memory_gb=2, vcpus=1.5)
    assert found.own.covers(Allowance(memory_gb=2))
    assert not found.own.covers(Allowance(memory_gb=4))


async def test_limits_above_the_plan_are_refused_in_railways_words(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform))
    async with speaking(platform) as client:
        with pytest.raises(RailwayProblem, match="outside of what your plan allows"):
            await allow(client, place, Allowance(memory_gb=1000))
        assert (await limits(client, place)).own == Allowance()
