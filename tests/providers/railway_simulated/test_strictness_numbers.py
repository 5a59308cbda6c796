"""Metrics, usage, regions, and how the platform is."""

from datetime import datetime, timedelta
from typing import Any

from tests.providers.railway_simulated.asking import ask, refusal
from tests.railway_simulator.process import Simulator

METRICS = """query($e: String!, $m: [MetricMeasurement!]!, $g: [MetricTag!], $from: DateTime!, $rate: Int) {
  metrics(environmentId: $e, measurements: $m, groupBy: $g, startDate: $from, sampleRateSeconds: $rate) {
    measurement tags { serviceId volumeId } values { ts value }
  }
}"""
USAGE = """query($p: String!, $m: [MetricMeasurement!]!, $g: [MetricTag!]) {
  usage(projectId: $p, measurements: $m, groupBy: $g) { measurement value tags { serviceId } }
}"""


async def seeded(platform: Simulator, databases: int) -> tuple[str, list[dict[str, Any]]]:
    found = (await platform.seed(environments=1, databases_each=databases))["environments"][0]
    return found["environment_id"], found["databases"]


async def series(platform: Simulator, environment_id: str, days: float, **more: Any) -> list[dict[str, Any]]:
    now = datetime.fromisoformat((await platform.state())["now"])
    wanted = {"m": ["CPU_USAGE", "DISK_USAGE_GB"], "g": ["SERVICE_ID", "VOLUME_ID"]} | more
    begin = (now - timedelta(days=days)).isoformat()
    found: list[dict[str, Any]] = await ask(platform, METRICS, e=environment_id, **{"from": begin}, **wanted)
    return found


async def test_metrics_of_an_environment_come_in_one_answer_by_what_they_are_grouped_by(platform: Simulator) -> None:
    environment_id, databases = await seeded(platform, 2)
    found = await series(platform, environment_id, 1, rate=3600)
    cpu = {one["tags"]["serviceId"]: one for one in found if one["measurement"] == "CPU_USAGE"}
    disk = {one["tags"]["volumeId"]: one for one in found if one["measurement"] == "DISK_USAGE_GB"}
    for database in databases:
        assert len(cpu[database["service_id"]]["values"]) in (24, 25)
        assert disk[database["volume_id"]]["values"][-1]["value"] == 1.2
    assert {type(value["ts"]) for one in found for value in one["values"]} == {int}
    (together,) = await series(platform, environment_id, 1, rate=3600, m=["CPU_USAGE"], g=None)
    assert together["tags"] == {"serviceId": None, "volumeId": None}


async def test_metrics_are_the_same_when_they_are_read_again(platform: Simulator) -> None:
    environment_id, _ = await seeded(platform, 1)
    first, second = [await series(platform, environment_id, 0.5, rate=3600, m=["CPU_USAGE"]) for _ in range(2)]
    assert first[0]["values"][1:-1] == second[0]["values"][1:-1]
    await platform.settings(metrics_seed=2)
    assert await series(platform, environment_id, 0.5, rate=3600, m=["CPU_USAGE"]) != second


async def test_metrics_are_kept_for_thirty_days(platform: Simulator) -> None:
    environment_id, _ = await seeded(platform, 1)
    now = datetime.fromisoformat((await platform.state())["now"]).timestamp()
    found = await series(platform, environment_id, 90, rate=86_400, m=["CPU_USAGE"])
    assert all(now - one["values"][0]["ts"] <= 30 * 86_400 for one in found)
    assert all(len(one["values"]) == 30 for one in found)


async def test_usage_is_measured_in_units_times_minutes(platform: Simulator) -> None:
    _, (database,) = await seeded(platform, 1)
    found = await ask(platform, USAGE, p=platform.project_id, m=["DISK_USAGE_GB"], g=["SERVICE_ID"])
    (mine,) = [one["value"] for one in found if one["tags"]["serviceId"] == database["service_id"]]
    assert round(mine) == round(1.2 * 30 * 24 * 60)


async def test_regions_are_named_and_the_old_ones_say_what_replaces_them(platform: Simulator) -> None:
    query = "{ regions { name deploymentConstraints { deprecationInfo { isDeprecated replacementRegion } } } }"
    found = {one["name"]: one["deploymentConstraints"] for one in await ask(platform, query)}
    assert found["us-west2"] is None
    assert found["us-west1"] == {"deprecationInfo": {"isDeprecated": True, "replacementRegion": "us-west2"}}


async def test_an_incident_and_a_maintenance_are_told(platform: Simulator) -> None:
    start = "2026-12-01T00:00:00.000Z"
    await platform.settings(
        incident={"message": "The API is slow"}, maintenance={"message": "New disks", "start": start}
    )
    query = "{ platformStatus { isStable incident { message status } maintenance { message status start } } }"
    assert await ask(platform, query, token=None) == {
        "isStable": False,
        "incident": {"message": "The API is slow", "status": "INVESTIGATING"},
        "maintenance": {"message": "New disks", "status": "NOTSTARTEDYET", "start": start},
    }


async def test_a_series_with_too_many_points_is_refused(platform: Simulator) -> None:
    environment_id, _ = await seeded(platform, 1)
    begin = "2020-01-01T00:00:00Z"
    wanted: dict[str, Any] = {"e": environment_id, "m": ["CPU_USAGE"], "from": begin, "rate": 1}
    assert "sampleRateSeconds" in await refusal(platform, METRICS, **wanted)
