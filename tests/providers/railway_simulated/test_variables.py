"""Variables: written and removed without a deployment, and with it certain whether they were."""

import pytest

from app.providers.railway import variables
from app.providers.railway.deployments import newest
from app.providers.railway.patches import StagedChangesForeign
from tests.providers.railway_simulated.asking import STAGE, an_environment, ask, commit, config_of, deployed
from tests.providers.railway_simulated.speaking import a_place, speaking
from tests.railway_simulator.process import Simulator

LOST = ["lost_answer", "lost_request", "html_502_after"]


async def test_references_are_read_as_they_are_written_and_as_the_container_sees_them(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform))
    async with speaking(platform) as client:
        written, seen = await variables.unrendered(client, place), await variables.rendered(client, place)
    assert written["PGHOST"] == "${{RAILWAY_PRIVATE_DOMAIN}}"
    assert seen["PGHOST"] == seen["RAILWAY_PRIVATE_DOMAIN"] != ""
    assert "RAILWAY_PRIVATE_DOMAIN" not in written


@pytest.mark.parametrize("kind", ["", *LOST])
async def test_what_is_set_and_removed_deploys_nothing_and_leaves_the_rest(platform: Simulator, kind: str) -> None:
    place = await a_place(platform, await an_environment(platform))
    before = await deployed(platform, place.environment_id, place.service())
    async with speaking(platform) as client:
        there = await variables.unrendered(client, place)
        if kind:
            await platform.fault("variableCollectionUpsert", kind)
        await variables.upsert(client, place, {"ONE": "1", "TWO": "2"})
        assert await variables.unrendered(client, place) == there | {"ONE": "1", "TWO": "2"}
        if kind:
            await platform.fault("environmentStageChanges", kind)
            await platform.fault("environmentPatchCommitStaged", kind)
        assert await variables.delete(client, place, ["ONE", "ABSENT"], "a test") == ["ONE"]
        assert await variables.unrendered(client, place) == there | {"TWO": "2"}
        assert await variables.delete(client, place, ["ONE"], "a test") == []
        latest = await newest(client, place)
    assert latest is not None
    assert latest.id == before


async def test_shared_ones_are_the_environments(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform))
    async with speaking(platform) as client:
        await platform.fault("variableCollectionUpsert", "lost_answer")
        await variables.upsert(client, place, {"COLOUR": "blue"}, shared=True)
        assert "COLOUR" not in await variables.unrendered(client, place)
    assert (await config_of(platform, place.environment_id))["sharedVariables"]["COLOUR"]["value"] == "blue"


async def test_a_sealed_one_is_never_read_and_can_be_removed(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform))
    sealed = {"KEY": {"value": "very-secret-value", "isSealed": True}}
    await commit(platform, place.environment_id, {"services": {place.service(): {"variables": sealed}}})
    async with speaking(platform) as client:
        assert "KEY" not in await variables.unrendered(client, place)
        assert await variables.delete(client, place, ["KEY"], "a test") == ["KEY"]
    assert "KEY" not in (await config_of(platform, place.environment_id))["services"][place.service()]["variables"]


async def test_nothing_is_removed_while_somebody_elses_changes_wait(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform))
    theirs = {"services": {place.service(): {"variables": {"THEIRS": {"value": "their-secret-value"}}}}}
    await ask(platform, STAGE, e=place.environment_id, patch=theirs, merge=True)
    async with speaking(platform) as client:
        with pytest.raises(StagedChangesForeign) as refused:
            await variables.delete(client, place, ["PGHOST"], "a test")
        assert "PGHOST" in await variables.unrendered(client, place)
    assert f"services.{place.service()}.variables.THEIRS" in refused.value.detail
    assert "their-secret-value" not in refused.value.detail
