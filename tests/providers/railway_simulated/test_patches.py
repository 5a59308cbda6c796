"""Patches: committed directly or by way of what is staged, and nobody else's changes deployed or lost with ours."""

import pytest

from app.errors import Problem
from app.providers.railway import patches
from app.providers.railway.errors import OutcomeUnknown, RailwayBusy
from app.providers.railway.inventory import read_environment
from app.providers.railway.patches import StagedChangesForeign, StagedStatus
from tests.providers.railway_simulated.asking import STAGE, a_service, an_environment, ask, variables_of
from tests.providers.railway_simulated.speaking import speaking
from tests.railway_simulator.process import Simulator

AFTER = ["lost_answer", "html_502_after"]
BEFORE = ["lost_request", "html_502"]


def ours(service_id: str, **variables: str | None) -> dict[str, object]:
    values = {name: None if value is None else {"value": value} for name, value in variables.items()}
    return {"services": {service_id: {"variables": values}}}


async def test_a_direct_commit_leaves_what_others_have_staged(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    await ask(platform, STAGE, e=environment_id, patch=ours(service_id, THEIRS="1"))
    async with speaking(platform) as client:
        before = (await read_environment(client, environment_id)).config_etag
        assert await patches.commit(client, environment_id, ours(service_id, OURS="2"), "a test")
        assert (await read_environment(client, environment_id)).config_etag != before
        waiting = await patches.staged(client, environment_id)
    assert waiting.keys == [f"services.{service_id}.variables.THEIRS"]
    assert waiting.status is StagedStatus.STAGED
    assert (await variables_of(platform, environment_id, service_id))["OURS"] == "2"


async def test_a_null_in_a_patch_deletes(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id, variables={"OLD": {"value": "1"}})
    async with speaking(platform) as client:
        await patches.commit(client, environment_id, ours(service_id, OLD=None), "a test")
    assert "OLD" not in await variables_of(platform, environment_id, service_id)


async def test_nothing_staged_is_nothing_to_commit_or_to_discard(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    async with speaking(platform) as client:
        waiting = await patches.staged(client, environment_id)
        assert (waiting.keys, waiting.foreign([])) == ([], [])
        assert await patches.commit_staged(client, environment_id, "a test", own_keys=[]) is False
        assert await patches.discard_own(client, environment_id, []) == []


async def test_what_is_foreign_is_named_without_its_values_and_neither_deployed_nor_lost(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    secret = "their-very-secret-value"
    await ask(platform, STAGE, e=environment_id, patch=ours(service_id, THEIRS=secret))
    own = [f"services.{service_id}.variables.OURS"]
    async with speaking(platform) as client:
        await patches.stage(client, environment_id, ours(service_id, OURS="2"))
        for refused in (
            patches.commit_staged(client, environment_id, "a test", own_keys=own),
            patches.discard_own(client, environment_id, own),
        ):
            with pytest.raises(StagedChangesForeign) as refusal:
                await refused
            document = refusal.value.document()
            assert (document["status"], document["code"]) == (409, "RAILWAY_STAGED_CHANGES_FOREIGN")
            assert document["foreign"] == [f"services.{service_id}.variables.THEIRS"]
            assert secret not in str(document)
        assert (await patches.staged(client, environment_id)).keys == [
            f"services.{service_id}.variables.OURS",
            f"services.{service_id}.variables.THEIRS",
        ]
        assert "OURS" not in await variables_of(platform, environment_id, service_id)
        assert await patches.commit_staged(client, environment_id, "a test", own_keys=own, force=True)
    assert {"OURS", "THEIRS"} <= (await variables_of(platform, environment_id, service_id)).keys()


@pytest.mark.parametrize("kind", ["", *AFTER])
async def test_what_is_ours_is_committed_once_whatever_the_answer(platform: Simulator, kind: str) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    own = [f"services.{service_id}"]
    async with speaking(platform) as client:
        await patches.stage(client, environment_id, ours(service_id, OURS="1"))
        if kind:
            await platform.fault("environmentPatchCommitStaged", kind)
        assert await patches.commit_staged(client, environment_id, "a test", own_keys=own)
        assert await patches.commit_staged(client, environment_id, "a test", own_keys=own) is False
    assert (await variables_of(platform, environment_id, service_id))["OURS"] == "1"


@pytest.mark.parametrize("kind", BEFORE)
async def test_a_commit_that_never_arrived_is_not_taken_for_one_that_did(platform: Simulator, kind: str) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    own = [f"services.{service_id}"]
    async with speaking(platform) as client:
        await patches.stage(client, environment_id, ours(service_id, OURS="1"))
        await platform.fault("environmentPatchCommitStaged", kind)
        with pytest.raises(OutcomeUnknown):
            await patches.commit_staged(client, environment_id, "a test", own_keys=own)
        assert await patches.commit_staged(client, environment_id, "a test", own_keys=own)


@pytest.mark.parametrize("kind", ["", *AFTER])
async def test_what_is_ours_is_discarded_whatever_the_answer(platform: Simulator, kind: str) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    async with speaking(platform) as client:
        await patches.stage(client, environment_id, ours(service_id, OURS="1"))
        if kind:
            await platform.fault("environmentStageChanges", kind)
        keys = await patches.discard_own(client, environment_id, [f"services.{service_id}.variables"])
        assert keys == [f"services.{service_id}.variables.OURS"]
        assert (await patches.staged(client, environment_id)).keys == []
        with pytest.raises(Problem):  # nothing is there to commit, which Railway says itself
            await patches.commit(client, environment_id, {}, "a test")
    assert "OURS" not in await variables_of(platform, environment_id, service_id)


async def test_while_others_changes_are_being_applied_one_waits(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, _ = await a_service(platform, environment_id)
    async with speaking(platform) as client:
        await patches.stage(client, environment_id, ours(service_id, THEIRS="1"))
        waiting = await patches.staged(client, environment_id)
        applying = patches.Staged(
            environment_id=waiting.environment_id,
            id=waiting.id,
            status=StagedStatus.APPLYING,
            message=None,
            created_at=waiting.created_at,
            last_error=None,
            paths=waiting.paths,
        )
    with pytest.raises(RailwayBusy) as busy:
        patches.require_own(applying, [], force=False)
    assert busy.value.retryable
    patches.require_own(applying, waiting.keys, force=False)


@pytest.mark.parametrize(
    ("patch", "keys"),
    [
        ({}, []),
        ({"services": {}}, []),
        ({"services": {"s": {}}}, []),
        ({"services": {"s": {"networking": {"tcpProxies": {"5432": {}}}}}}, ["services.s.networking.tcpProxies.5432"]),
        ({"services": {"s": {"variables": {"A": {"value": "x", "isSealed": True}}}}}, ["services.s.variables.A"]),
        ({"services": {"s": {"variables": {"A": None}}}}, ["services.s.variables.A"]),
        ({"services": {"s": None}}, ["services.s"]),
        (
            {"sharedVariables": {"A": {"value": "x"}}, "privateNetworkDisabled": True},
            ["privateNetworkDisabled", "sharedVariables.A"],
        ),
        ({"volumes": {"v": {"sizeMB": 1, "isCreated": True}}}, ["volumes.v.isCreated", "volumes.v.sizeMB"]),
    ],
)
def test_every_place_that_a_patch_changes_has_a_key(patch: dict[str, object], keys: list[str]) -> None:
    assert sorted(".".join(path) for path in patches._paths(patch)) == keys


def test_a_key_names_what_is_below_it_and_not_what_only_begins_like_it() -> None:
    paths = (("services", "s", "variables", "A.B"), ("services", "s2", "source"), ("services", "s", "source", "image"))
    waiting = patches.Staged("e", "p", StagedStatus.STAGED, None, None, None, paths)  # type: ignore[arg-type]  # when is not asked
    assert waiting.foreign(["services.s"]) == ["services.s2.source"]
    assert waiting.foreign(["services.s.variables.A", "services.s2"]) == [
        "services.s.variables.A.B",
        "services.s.source.image",
    ]
