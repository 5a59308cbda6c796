"""Series that look like those of running databases: the same for the same seed, service and moment, for 30 days back."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from tests.railway_simulator import reach, volumes
from tests.railway_simulator.errors import BadInput
from tests.railway_simulator.model import ServiceInstance, VolumeInstance
from tests.railway_simulator.platform import Platform
from tests.railway_simulator.registry import Call, query
from tests.railway_simulator.services import GIGABYTE, PLAN_LIMITS
from tests.railway_simulator.tokens import BEARERS

KEPT: Final = timedelta(days=30)
_MOST_POINTS: Final = 10_000
_POINTS_BY_DEFAULT: Final = 240
_DAY_SECONDS: Final = 86_400
_MEGABYTES: Final = 1000
# Half of what each is on average over a day, at the least.
_TYPICAL: Final = {
    "CPU_USAGE": 0.12,
    "CPU_USAGE_2": 0.12,
    "MEMORY_USAGE_GB": 0.35,
    "NETWORK_RX_GB": 0.0004,
    "NETWORK_TX_GB": 0.0009,
    "EPHEMERAL_DISK_USAGE_GB": 0.02,
}
_LIMITS: Final = {"CPU_LIMIT": ("cpu", 1), "MEMORY_LIMIT_GB": ("memoryBytes", GIGABYTE)}
_OF_VOLUMES: Final = frozenset({"DISK_USAGE_GB", "BACKUP_USAGE_GB"})


@dataclass(frozen=True)
class _Source:
    """Who a series is of, and what it is now."""

    tags: dict[str, str]
    measurement: str
    since: datetime
    now: float
    steady: bool = False


async def _sources(platform: Platform, environment_id: str, measurements: list[str]) -> list[_Source]:
    found: list[_Source] = []
    for volume in platform.volumes_in(environment_id):
        if platform.is_there(volume):
            found += [await _of_volume(platform, volume, name) for name in measurements if name in _OF_VOLUMES]
    for instance in platform.instances_in(environment_id):
        if instance.deleted_at is None and platform.deployments_of(instance):
            found += [
                _of_service(platform, instance, name) for name in measurements if name in _TYPICAL or name in _LIMITS
            ]
    return found


async def _of_volume(platform: Platform, volume: VolumeInstance, name: str) -> _Source:
    tags = {"environmentId": volume.environment_id, "volumeId": volume.volume_id}
    if volume.service_id is not None:
        tags["serviceId"] = volume.service_id
    used = await volumes.used_mb(platform, volume)
    if name == "BACKUP_USAGE_GB":
        kept = [
            one for one in platform.backups.values() if one.volume_instance_id == volume.id and one.deleted_at is None
        ]
        used = sum(one.used_mb for one in kept)
    return _Source(tags, name, volume.created_at, used / _MEGABYTES, steady=True)


def _of_service(platform: Platform, instance: ServiceInstance, name: str) -> _Source:
    tags = {"environmentId": instance.environment_id, "serviceId": instance.service_id}
    if name in _LIMITS:
        key, factor = _LIMITS[name]
        limits = PLAN_LIMITS[platform.settings.plan] | (instance.limits or {})
        return _Source(tags, name, instance.created_at, limits[key] / factor, steady=True)
    return _Source(tags, name, instance.created_at, _TYPICAL[name])


def _curve(source: _Source, seed: int) -> Callable[[int], float]:
    """More by day than by night, and never twice the same; a steady one is what it is."""
    if source.steady:
        return lambda _: source.now
    key = f"{seed}:{source.measurement}:{source.tags.get('serviceId')}"
    phase, size = _share(key) * _DAY_SECONDS, source.now * (0.5 + _share(f"{key}:size"))

    def at(moment: int) -> float:
        day = 1 + 0.5 * math.sin((moment + phase) / _DAY_SECONDS * 2 * math.pi)
        return size * day * (0.8 + 0.4 * _share(f"{key}:{moment}"))

    return at


def _share(key: str) -> float:
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest()) / 2**32


@query()
async def metrics(
    call: Call,
    *,
    measurements: list[str],
    start_date: datetime,
    end_date: datetime | None = None,
    environment_id: str | None = None,
    group_by: list[str] | None = None,
    sample_rate_seconds: int | None = None,
    averaging_window_seconds: int | None = None,
) -> list[dict[str, Any]]:
    if environment_id is None:
        raise BadInput("environmentId is required")
    platform, environment = call.platform, reach.environment(call, environment_id)
    end = min(end_date or platform.now(), platform.now())
    start = max(start_date, platform.now() - KEPT)
    seconds = max(0.0, (end - start).total_seconds())
    step = sample_rate_seconds or max(60, math.ceil(seconds / _POINTS_BY_DEFAULT))
    if step < 1 or seconds / step > _MOST_POINTS:
        raise BadInput("sampleRateSeconds is too small for so long a time")
    groups: defaultdict[tuple[str, tuple[tuple[str, str], ...]], dict[int, float]] = defaultdict(dict)
    for source in await _sources(platform, environment.id, measurements):
        values = groups[source.measurement, _tags(source, group_by or [])]
        at = _curve(source, platform.settings.metrics_seed)
        for moment in _moments(max(start, source.since), end, step):
            values[moment] = values.get(moment, 0.0) + at(moment)
    return [
        {
            "measurement": measurement,
            "tags": dict(tags),
            "values": [{"ts": moment, "value": value} for moment, value in sorted(values.items())],
        }
        for (measurement, tags), values in groups.items()
    ]


def _moments(start: datetime, end: datetime, step: int) -> Iterator[int]:
    return iter(range(math.ceil(start.timestamp() / step) * step, math.floor(end.timestamp()) + 1, step))


def _tags(source: _Source, group_by: list[str]) -> tuple[tuple[str, str], ...]:
    names = {"SERVICE_ID": "serviceId", "ENVIRONMENT_ID": "environmentId", "VOLUME_ID": "volumeId"}
    wanted = [names[one] for one in group_by if one in names]
    return tuple((name, source.tags[name]) for name in wanted if name in source.tags)


# In units of the measurement times minutes, not in money.
@query("usage", kinds=BEARERS)
async def usage(
    call: Call,
    *,
    measurements: list[str],
    project_id: str | None = None,
    group_by: list[str] | None = None,
    start_date: datetime | None = None,
    end_date: datetime | None = None,
) -> list[dict[str, Any]]:
    if project_id is None:
        raise BadInput("projectId is required")
    platform, project = call.platform, reach.project(call, project_id)
    end = min(end_date or platform.now(), platform.now())
    start = start_date or platform.now() - KEPT
    totals: defaultdict[tuple[str, tuple[tuple[str, str], ...]], float] = defaultdict(float)
    for environment in platform.environments.values():
        if environment.project_id != project.id or environment.deleted_at is not None:
            continue
        for source in await _sources(platform, environment.id, measurements):
            minutes = max(0.0, (end - max(start, source.since)).total_seconds() / 60)
            totals[source.measurement, _tags(source, group_by or [])] += source.now * minutes
    return [
        {"measurement": measurement, "tags": dict(tags), "value": value}
        for (measurement, tags), value in totals.items()
    ]
