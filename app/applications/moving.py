"""Which variables of services at Railway are led from the superuser's address to the application's."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from app.applications.schemas import ConsumerMove
from app.connections.application_variables import VariableNames
from app.connections.models import Application
from app.consumers.schemas import WriteConsumer
from app.databases.referrers import Surroundings
from app.providers.railway.references import Reference
from app.providers.railway.rewriting import reference

_URL = "DATABASE_URL"
_UNPOOLED = "DATABASE_UNPOOLED_URL"
# What says who somebody is, by itself or in an address.
_LOGIN = ("URL", "USER", "PASSWORD")


def moves(service_id: str, around: Surroundings, application: Application) -> list[ConsumerMove]:
    """Every variable with the superuser's login in it, and what becomes of it. ``service_id``: the database's own."""
    own, before = around.name_of(service_id) or "", list(_before(around))
    url = VariableNames.of(application).url
    found = []
    for one in around.references_to(own, *before):
        if around.name_of(one.service_id) in (own, *before) or not _tells_login(one):
            continue
        reason = _obstacle(one, own, around)
        found.append(
            ConsumerMove(
                service=around.name_of(one.service_id),
                variable=one.variable,
                before=f"{one.target_service_name}.{one.target_variable}",
                after=None if reason else f"{own}.{url}",
                reason=reason,
            )
        )
    return found


def jobs_of(
    database_id: UUID, around: Surroundings, found: Sequence[ConsumerMove], *, redeploy: bool
) -> Iterator[WriteConsumer]:
    for move in found:
        service_id = around.named(move.service) if move.service is not None else None
        if move.service is None or move.after is None or service_id is None:
            continue
        service, _, variable = move.after.rpartition(".")
        yield WriteConsumer(
            database_id=database_id,
            service_id=service_id,
            service_name=move.service,
            variable=move.variable,
            value=reference(service, variable),
            redeploy=redeploy,
        )


def references_to_application(service_id: str, around: Surroundings, application: Application) -> list[str]:
    """As ``service.variable``."""
    names = VariableNames.of(application).all()
    return sorted(
        f"{around.name_of(one.service_id) or 'shared'}.{one.variable}"
        for one in around.references_to(around.name_of(service_id) or "")
        if one.target_variable in names
    )


def _tells_login(one: Reference) -> bool:
    return one.target_variable.endswith(_LOGIN) and not one.target_variable.startswith(("APP_", "DATABASE_APP_"))


def _obstacle(one: Reference, own: str, around: Surroundings) -> str | None:
    plugins = around.plugins
    is_pooled = plugins is not None and plugins.pooler_service_id is not None
    if one.service_id is None:
        return "The environment shares it with all its services; lead it yourself."
    if one.is_public:
        return "It leads over the public address, which the application's variables do not; lead it yourself."
    if plugins is not None and plugins.cluster is not None:
        return "The database is a cluster, whose address the application's variables do not have; lead it yourself."
    if is_pooled and one.target_variable == _URL:
        return "It leads through PgBouncer; name the application's login in an address through it yourself."
    if one.target_service_name != own or one.target_variable not in (_URL, _UNPOOLED) or not one.is_whole:
        return (
            "It is more than the address by itself, or a part of it; name the application's variables in it yourself."
        )
    return None


def _before(around: Surroundings) -> Iterator[str]:
    """What the platform put before the server refers to it as a matter of course."""
    plugins = around.plugins
    if plugins is not None:
        members = plugins.cluster.members if plugins.cluster else []
        for service_id in (plugins.pooler_service_id, *(member.service_id for member in members)):
            if (name := around.name_of(service_id)) is not None:
                yield name
