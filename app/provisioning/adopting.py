"""Looking at a service at Railway that is to be adopted: what it is, how to log in, and whether that works from here."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from app.databases.reach import Reach, way_to
from app.postgres.connect import Target, TlsMode
from app.postgres.errors import AuthenticationFailed
from app.postgres.version import server_version
from app.providers.railway.inventory import EnvironmentState, PostgresService, postgres_services
from app.providers.railway.place import Place
from app.providers.railway.proxies import ProxyElsewhere, public_address
from app.providers.railway.variables import rendered
from app.provisioning.errors import ServiceMissing, ServiceNotPostgres
from app.provisioning.schemas import RailwayServiceAdopt
from app.provisioning.sites import Site
from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: SecretStr
    database: str


@dataclass(frozen=True, slots=True)
class Adoptee:
    """``version`` is what answered; absent where nobody here reaches it, which ``remark`` says."""

    place: Place
    login: Login
    version: tuple[str, int] | None
    remark: str | None


async def look_at(runtime: Runtime, site: Site, wish: RailwayServiceAdopt) -> Adoptee:
    """Raises ServiceMissing, ServiceNotPostgres, and what a login raises where the server is reached."""
    service = _adoptable(site.state, wish.service_id)
    volume = service.volume
    place = site.place.model_copy(
        update={
            "service_id": service.service_id,
            "service_name": service.service_name,
            "volume_id": volume.volume_id if volume else None,
            "volume_instance_id": volume.id if volume else None,
            "image": service.image,
            "region": (volume.region if volume else None) or service.region,
        }
    )
    variables = await rendered(site.client, place)
    login = _login(variables, service)
    place = await _with_addresses(site, service, place, variables.get("RAILWAY_PRIVATE_DOMAIN"))
    version = await _version(runtime, place, wish.worker_label, login)
    remarks = [_of_cluster(service), None if version else _UNTRIED, None if volume else _NO_VOLUME]
    said = " ".join(remark for remark in remarks if remark)
    return Adoptee(place, login, version, said or None)


_UNTRIED = (
    "Nothing here reaches the server, so its login was not tried: enable public access, or run a worker beside it."
)
_NO_VOLUME = "The service has no volume: its data are gone with its next deployment."


def _adoptable(state: EnvironmentState, service_id: str) -> PostgresService:
    found = state.service(service_id)
    if found is None:
        raise ServiceMissing(service_id)
    service = next((one for one in postgres_services(state) if one.service_id == service_id), None)
    if service is None:
        raise ServiceNotPostgres(
            f"The service {found.service_name} runs the image {found.image}, which is no PostgreSQL."
        )
    if service.cluster is not None and service.cluster.root_service_id != service_id:
        raise ServiceNotPostgres(
            f"The service {service.service_name} is a part of a cluster ({service.cluster.role}). Adopt the cluster by its "
            f"root, {service.cluster.root_service_id}."
        )
    return service


def _login(variables: Mapping[str, str], service: PostgresService) -> Login:
    password = variables.get("POSTGRES_PASSWORD") or variables.get("PGPASSWORD")
    if not password:
        raise ServiceNotPostgres(
            f"The service {service.service_name} has no variable POSTGRES_PASSWORD that can be read: it is missing or "
            "sealed. Set it, or adopt the server by its connection string with the provider external."
        )
    username = variables.get("POSTGRES_USER") or variables.get("PGUSER") or "postgres"
    database = variables.get("POSTGRES_DB") or variables.get("PGDATABASE") or username
    return Login(username, SecretStr(password), database)


async def _with_addresses(site: Site, service: PostgresService, place: Place, private_host: str | None) -> Place:
    """Of a cluster those of the proxy in front of it, which follows the leader."""
    edge = service.cluster.edge if service.cluster else None
    door = place
    if edge is not None:
        door = place.model_copy(update={"service_id": edge.service_id})
        private_host = (await rendered(site.client, door)).get("RAILWAY_PRIVATE_DOMAIN") or private_host
    try:
        public = await public_address(site.client, door)
    except ProxyElsewhere:
        public = None  # it leads somewhere, but not to the database
    host, port = public or (None, None)
    return place.model_copy(update={"private_host": private_host, "public_host": host, "public_port": port})


async def _version(runtime: Runtime, place: Place, worker_label: str | None, login: Login) -> tuple[str, int] | None:
    """None where this process does not get there."""
    way = way_to(place, worker_label=worker_label, settings=runtime.settings)
    by_us = way.reach != Reach.WORKER or worker_label == runtime.settings.worker.label
    if way.host is None or way.port is None or not by_us:
        return None
    target = Target(
        host=way.host,
        port=way.port,
        user=login.username,
        password=login.password,
        database=login.database,
        tls=TlsMode.REQUIRE,
    )
    try:
        return await server_version(target)
    except AuthenticationFailed as refused:
        raise AuthenticationFailed(
            f"{refused.detail} The password stands in the service's variable POSTGRES_PASSWORD, which PostgreSQL reads only "
            "when it initialises its data: somebody changed one of the two without the other."
        ) from refused


def _of_cluster(service: PostgresService) -> str | None:
    if service.cluster is None:
        return None
    return f"It is a highly available cluster, whose replicas are read at {service.cluster.read_endpoint}."
