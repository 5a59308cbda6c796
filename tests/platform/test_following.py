"""What a database is by what was seen of its service, and how what was seen is kept and told."""

from typing import Any

import pytest

from app.databases.models import DatabaseState
from app.kit.clock import utc_now
from app.kit.ids import new_id
from app.platform.following import moved, verdict
from app.platform.looking import config_is_due, metrics_are_due
from app.platform.schemas import PlatformStatusView
from app.providers.railway.inventory import EnvironmentState
from app.providers.railway.models import RailwayObservation
from app.providers.railway.observed import SeenConfig, SeenStatus
from app.providers.railway.place import Place
from tests.planted import plant

NOW = utc_now()
HA = "ghcr.io/railwayapp-templates/postgres-ha"


def service(service_id: str, name: str, image: str, status: str | None = "SUCCESS") -> dict[str, Any]:
    latest = {"id": f"dep-{name}", "status": status, "createdAt": NOW.isoformat()} if status else None
    return {
        "id": f"instance-{service_id}",
        "serviceId": service_id,
        "serviceName": name,
        "region": "us-west2",
        "startCommand": None,
        "source": {"image": image},
        "latestDeployment": latest,
    }


def volume(service_id: str | None) -> dict[str, Any]:
    return {
        "id": "vi-1",
        "volumeId": "vol-1",
        "serviceId": service_id,
        "mountPath": "/var/lib/postgresql/data",
        "region": "us-west2",
        "sizeMB": 500,
        "currentSizeMB": 100.0,
        "state": "READY",
        "isPendingDeletion": False,
        "deletedAt": None,
    }


def environment(
    *services: dict[str, Any], volumes: tuple[dict[str, Any], ...] = (), config: dict[str, Any] | None = None
) -> EnvironmentState:
    return EnvironmentState.model_validate(
        {
            "id": "env-1",
            "name": "production",
            "projectId": "prj-1",
            "services": services,
            "volumes": volumes,
            "config": config,
            "configEtag": "etag-1",
        }
    )


def place(**changes: Any) -> Place:
    known = Place(connection_id=new_id(), project_id="prj-1", environment_id="env-1", service_id="svc-1")
    return known.model_copy(update=changes)


@pytest.mark.parametrize(
    ("status", "state", "says"),
    [
        ("SUCCESS", DatabaseState.AVAILABLE, None),
        ("SLEEPING", DatabaseState.AVAILABLE, None),
        ("CRASHED", DatabaseState.UNREACHABLE, "is CRASHED. Its container ended by itself"),
        ("FAILED", DatabaseState.UNREACHABLE, "is FAILED. Its image could not be pulled"),
        ("REMOVED", DatabaseState.UNREACHABLE, "is REMOVED. It was taken down"),
        (None, DatabaseState.UNREACHABLE, "nothing is deployed"),
    ],
)
def test_the_newest_deployment_decides_and_says_what_to_do(
    status: str | None, state: DatabaseState, says: str | None
) -> None:
    found = verdict(place(), SeenStatus.of(environment(service("svc-1", "Postgres", "postgres:17", status))))
    assert found is not None
    assert found.state == state
    assert found.reason is None if says is None else says in (found.reason or "")


@pytest.mark.parametrize("status", ["BUILDING", "DEPLOYING", "INITIALIZING", "QUEUED", "WAITING", "A_NEW_ONE"])
def test_while_it_comes_up_nothing_is_decided(status: str) -> None:
    seen = SeenStatus.of(environment(service("svc-1", "Postgres", "postgres:17", status)))
    assert verdict(place(), seen) is None


def test_the_place_follows_what_was_renamed_moved_or_mounted_and_keeps_what_is_not_seen() -> None:
    seen = SeenStatus.of(environment(service("svc-1", "Renamed", "postgres:17"), volumes=(volume("svc-1"),)))
    now = moved(place(service_name="Postgres", volume_id="vol-0"), seen.services["svc-1"])
    assert (now.service_name, now.volume_id, now.volume_instance_id) == ("Renamed", "vol-1", "vi-1")
    assert (now.image, now.region) == ("postgres:17", "us-west2")
    without = SeenStatus.of(environment(service("svc-1", "Renamed", "postgres:17"), volumes=(volume(None),)))
    assert moved(now, without.services["svc-1"]) == now
    assert moved(now, None) == now


def test_a_cluster_is_recognised_and_its_read_endpoint_is_shown() -> None:
    secret = plant("a password in a configuration", "replication-password-4711")
    config = {
        "services": {
            "svc-1": {
                "variables": {"PATRONI_ENABLED": {"value": "true"}, "PATRONI_PASSWORD": {"value": secret}},
                "networking": {"privateNetworkEndpoint": "postgres", "tcpProxies": {"5432": {}}},
            },
            "svc-2": {"parentServiceId": "svc-1", "clusterRole": "edge"},
            "svc-3": {"parentServiceId": "svc-1", "clusterRole": "replica"},
        }
    }
    state = environment(
        service("svc-1", "Postgres", f"{HA}/postgres-patroni:17"),
        service("svc-2", "Postgres HA", f"{HA}/haproxy:1"),
        service("svc-3", "Replica", f"{HA}/postgres-patroni:17"),
        config=config,
    )
    seen = SeenConfig.of(state)
    assert seen.networking["svc-1"].is_public
    assert not seen.networking["svc-2"].is_public
    row = RailwayObservation(
        connection_id=new_id(),
        railway_project_id="prj-1",
        railway_environment_id="env-1",
        status=SeenStatus.of(state).model_dump(mode="json"),
        status_at=NOW,
        consumers=seen.model_dump(mode="json"),
    )
    assert secret not in str(row)
    view = PlatformStatusView.of(new_id(), place(), row, NOW, made_at=NOW)
    assert view.cluster is not None
    assert view.cluster.read_endpoint == "${{Postgres HA.RAILWAY_PRIVATE_DOMAIN}}:5433"
    roles = {member.service_name: member.role for member in view.cluster.members}
    assert roles == {"Postgres": "root", "Postgres HA": "edge", "Replica": "replica"}


def test_the_configuration_is_read_when_it_is_old_or_its_etag_says_that_it_has_changed() -> None:
    row = RailwayObservation(connection_id=new_id(), railway_project_id="p", railway_environment_id="e")
    assert config_is_due(row, NOW)
    assert metrics_are_due(row, NOW)
    row.status, row.consumers, row.consumers_at = {"config_etag": "a"}, {"config_etag": "a"}, NOW
    assert not config_is_due(row, NOW)
    row.status = {"config_etag": "b"}
    assert config_is_due(row, NOW)
