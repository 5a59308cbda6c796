"""The simulator as a process: how it is started, what it says of itself, and that it ends with everything it started."""

from pathlib import Path

import pytest

from app.embedded import simulated_railway as starting
from app.embedded.errors import ComponentFailed, ComponentMissing
from tests.e2e.processes import processes_of
from tests.railway_simulator.process import Simulator
from tests.railway_simulator.process import simulator as started

WHO = "query { apiToken { workspaces { id } } }"


async def test_it_says_what_a_caller_needs_and_answers_there(simulator: Simulator) -> None:
    assert set(simulator.tokens) == {"account", "workspace", "project"}
    answer = await simulator.graphql(simulator.tokens["workspace"], WHO)
    assert answer == {"data": {"apiToken": {"workspaces": [{"id": simulator.workspace_id}]}}}
    mine = await simulator.graphql(simulator.tokens["project"], "query { projectToken { projectId environmentId } }")
    assert mine["data"]["projectToken"] == {
        "projectId": simulator.project_id,
        "environmentId": simulator.environment_id,
    }


async def test_its_state_counts_the_requests_of_each_token(simulator: Simulator) -> None:
    token = await simulator.token("workspace")
    for _ in range(3):
        await simulator.graphql(token, "query who { apiToken { workspaces { id } } }")
    assert (await simulator.state())["requests"][token] == {"who": 3}


async def test_a_killed_token_is_refused(simulator: Simulator) -> None:
    token = await simulator.token("workspace")
    await simulator.kill_token(token)
    answer = await simulator.graphql(token, WHO)
    assert answer["errors"][0]["message"] == "Not Authorized"


async def test_its_settings_are_changed_and_told(simulator: Simulator) -> None:
    before = await simulator.settings()
    changed = await simulator.settings(deploy_seconds=0.25)
    assert changed == before | {"deploy_seconds": 0.25}
    await simulator.settings(**before)


async def test_two_of_them_know_nothing_of_each_other_and_end_with_all_they_started(
    simulator: Simulator, server_directory: Path
) -> None:
    directory = server_directory / "second"
    async with started(directory) as second:
        answer = await simulator.graphql(second.tokens["workspace"], WHO)
        assert answer["errors"][0]["message"] == "Not Authorized"
        assert processes_of(directory)
    assert processes_of(directory) == []


async def test_a_start_that_fails_shows_what_the_process_said(tmp_path: Path) -> None:
    file = tmp_path / "in the way"
    file.touch()
    with pytest.raises(ComponentFailed, match="in the way"):
        async with starting.simulated_railway(file):
            pass


async def test_outside_a_checkout_the_refusal_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "ROOT", tmp_path)
    with pytest.raises(ComponentMissing, match="use a checkout"):
        async with starting.simulated_railway(tmp_path):
            pass
