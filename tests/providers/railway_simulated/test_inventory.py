"""What is in an environment: however many pages it has, and which of its services are PostgreSQL and of what sort."""

from typing import Any

import pytest

from app.providers.railway.errors import RailwayNotFound
from app.providers.railway.inventory import (
    EnvironmentState,
    Pitr,
    PostgresService,
    is_postgres,
    major_of,
    postgres_services,
    read_environment,
)
from tests.planted import plant
from tests.providers.railway_simulated.asking import POSTGRES, a_service, an_environment, ask, until, volumes_in
from tests.providers.railway_simulated.speaking import speaking
from tests.railway_simulator.process import Simulator

_DELETE_ENVIRONMENT = "mutation($e: String!) { environmentDelete(id: $e) }"


@pytest.mark.parametrize(
    ("image", "postgres", "major"),
    [
        ("ghcr.io/railwayapp-templates/postgres-ssl:17", True, 17),
        ("ghcr.io/railwayapp-templates/postgres-ssl:16.4", True, 16),
        ("ghcr.io/railwayapp-templates/postgres-ssl", True, None),
        ("ghcr.io/railwayapp-templates/postgres-ssl:latest", True, None),
        ("postgis/postgis:16-3.4-alpine", True, 16),
        ("timescale/timescaledb-ha:pg15", True, 15),
        ("timescale/timescaledb:latest-pg14", True, 14),
        ("localhost:5000/own/postgresql:18@sha256:17aa", True, 18),
        ("ghcr.io/railwayapp-templates/postgres-ha/postgres-patroni:17", True, 17),
        ("ghcr.io/railwayapp-templates/postgres-ha/haproxy:3", False, 3),
        ("ghcr.io/railwayapp-templates/pgbouncer:latest", False, None),
        ("redis:8", False, 8),
    ],
)
def test_an_image_says_by_its_own_name_whether_it_is_postgres_and_by_its_tag_which(
    image: str, postgres: bool, major: int | None
) -> None:
    assert (is_postgres(image), major_of(image)) == (postgres, major)
    assert not is_postgres(None)


async def test_an_environment_of_several_pages_is_read_whole(platform: Simulator) -> None:
    await platform.settings(per_second=10_000)
    seeded = await platform.seed(environments=1, databases_each=103)
    (environment,) = seeded["environments"]
    async with speaking(platform) as client:
        state = await read_environment(client, environment["environment_id"])
    assert len({service.service_id for service in state.services}) == 103
    assert len({volume.id for volume in state.volumes}) == 103
    found = postgres_services(state)
    assert len(found) == 103
    assert all(one.official and one.volume is not None and one.deployment_status == "SUCCESS" for one in found)
    assert all(one.pitr is None for one in found)  # of which only the config tells


async def test_a_volume_that_is_about_to_go_is_not_its_services_volume(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    service_id, volume_id = await a_service(platform, environment_id, volume=True)
    await until(lambda: volumes_in(platform, environment_id), lambda found: found)
    async with speaking(platform) as client:
        mounted = (await read_environment(client, environment_id)).volume_of(service_id)
        assert mounted is not None
        assert mounted.volume_id == volume_id
        await ask(platform, "mutation($v: String!) { volumeDelete(volumeId: $v) }", v=volume_id)
        state = await read_environment(client, environment_id)
    assert state.volume_of(service_id) is None
    going = state.volume(volume_id)
    assert going is not None
    assert going.is_pending_deletion
    assert going.deleted_at is not None


async def test_the_config_tells_of_clusters_poolers_and_archiving_and_is_not_shown(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    secret = plant("a variable", "a-password-of-a-cluster")
    root, _ = await a_service(
        platform,
        environment_id,
        source={"image": POSTGRES},
        variables={
            "PATRONI_ENABLED": {"value": "true"},
            "WAL_ARCHIVE_BUCKET": {"value": ""},
            "SECRET": {"value": secret},
        },
        clusterRole="root",
    )
    replica = await _child(platform, environment_id, root, "replica", POSTGRES)
    await _child(platform, environment_id, replica, "internal", "simulated/application:etcd")
    pooler = await _child(platform, environment_id, root, "edge", "simulated/application:pgbouncer")
    edge = await _child(platform, environment_id, root, "edge", "simulated/application:haproxy")
    alone, _ = await a_service(
        platform, environment_id, source={"image": POSTGRES}, variables={"WAL_ARCHIVE_BUCKET": {"value": "archive"}}
    )
    found, state = await _found(platform, environment_id, 6)
    assert secret not in repr(state)

    one = found[root]
    assert one.cluster is not None
    assert (one.cluster.role, one.pitr, one.pooler_service_id) == ("root", Pitr.UNWIRED, pooler)
    assert len(one.cluster.members) == 5
    assert one.cluster.edge is not None
    assert one.cluster.edge.service_id == edge
    name = one.cluster.edge.service_name
    assert one.cluster.read_endpoint == f"${{{{{name}.RAILWAY_PRIVATE_DOMAIN}}}}:5433"
    other = found[replica].cluster
    assert other is not None
    assert (other.role, other.root_service_id) == ("replica", root)
    assert (found[alone].cluster, found[alone].pitr, found[alone].pooler_service_id) == (None, Pitr.ON, None)


async def test_an_environment_that_was_deleted_is_not_found(platform: Simulator) -> None:
    environment_id = await an_environment(platform)
    await ask(platform, _DELETE_ENVIRONMENT, e=environment_id)
    async with speaking(platform) as client:
        with pytest.raises(RailwayNotFound):
            await read_environment(client, environment_id)


async def _child(platform: Simulator, environment_id: str, parent: str, role: str, image: str) -> str:
    marks: dict[str, Any] = {"clusterRole": role, "parentServiceId": parent}
    return (await a_service(platform, environment_id, source={"image": image}, **marks))[0]


async def _found(
    platform: Simulator, environment_id: str, services: int
) -> tuple[dict[str, PostgresService], EnvironmentState]:
    async with speaking(platform) as client:

        async def read() -> EnvironmentState:
            return await read_environment(client, environment_id, config=True)

        state: Any = await until(read, lambda state: len(state.services) == services)
    return {service.service_id: service for service in postgres_services(state)}, state
