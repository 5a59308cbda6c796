"""Which variable of which service leads to which endpoint of a database, both ways round."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.connections.endpoints import EndpointKind
from app.connections.errors import NoSuchEndpoint
from app.databases.referrers import Surroundings
from app.providers.railway.inventory import READ_PORT
from app.providers.railway.observed import SeenMember
from app.providers.railway.references import Reference
from app.providers.railway.rewriting import reference

_LEADS = ("DATABASE_URL", "DATABASE_PRIVATE_URL", "DATABASE_UNPOOLED_URL", "PGHOST", "RAILWAY_PRIVATE_DOMAIN")
_POOLED_AWAY = "DATABASE_UNPOOLED_URL"


@dataclass(frozen=True, slots=True)
class Doors:
    """The services by which a database is entered: its own, and what the platform put before it."""

    service: str
    pooler: str | None = None
    edge: str | None = None

    @classmethod
    def of(cls, around: Surroundings, service_id: str) -> "Doors":
        service = around.name_of(service_id) or service_id
        plugins = around.plugins
        if plugins is None:
            return cls(service)
        pooler = around.name_of(plugins.pooler_service_id) if plugins.pooler_service_id else None
        members: list[SeenMember] = plugins.cluster.members if plugins.cluster else []
        edge = next((member.service_name for member in members if member.role == "edge"), None)
        return cls(service, pooler, edge)

    @property
    def names(self) -> list[str]:
        return [name for name in (self.service, self.pooler, self.edge) if name is not None]

    @property
    def main(self) -> str:
        """Whose variables name the database: in a cluster those of the proxy in front of it."""
        return self.edge or self.service

    def endpoint_of(self, found: Reference) -> EndpointKind | None:
        target = found.target_variable
        if found.is_public:
            return EndpointKind.PUBLIC
        if target not in _LEADS:
            return None
        if self.edge is not None and found.target_service_name == self.edge and found.port == READ_PORT:
            return EndpointKind.READ
        is_pooled = found.target_service_name == self.pooler or (self.pooler is not None and target == "DATABASE_URL")
        return EndpointKind.POOLED if is_pooled else EndpointKind.PRIVATE

    def value_for(self, endpoint: EndpointKind, variables: Mapping[str, Collection[str]]) -> str:
        """What to write into a consumer's variable. ``variables``: the names that the services have. Raises NoSuchEndpoint."""
        own = variables.get(self.main, ())
        if endpoint is EndpointKind.READ:
            if self.edge is None:
                raise NoSuchEndpoint(endpoint, "Only a highly available cluster has replicas to read from.")
            host = f"{reference(self.edge, 'RAILWAY_PRIVATE_DOMAIN')}:{READ_PORT}"
            return self._composed(host)
        if endpoint is EndpointKind.POOLED:
            if self.pooler is None:
                raise NoSuchEndpoint(endpoint, "Attach one first: PUT …/pooler.")
            where = self.pooler if "DATABASE_URL" in variables.get(self.pooler, ()) else self.main
            return reference(where, "DATABASE_URL")
        if endpoint is EndpointKind.PUBLIC:
            for name in ("DATABASE_PUBLIC_UNPOOLED_URL", "DATABASE_PUBLIC_URL"):
                if name in own:
                    return reference(self.main, name)
            domain, port = (reference(self.main, f"RAILWAY_TCP_PROXY_{part}") for part in ("DOMAIN", "PORT"))
            return self._composed(f"{domain}:{port}")
        return reference(self.main, _POOLED_AWAY if _POOLED_AWAY in own else "DATABASE_URL")

    def _composed(self, address: str) -> str:
        user, password, database = (
            reference(self.service, name) for name in ("PGUSER", "POSTGRES_PASSWORD", "PGDATABASE")
        )
        return f"postgresql://{user}:{password}@{address}/{database}"
