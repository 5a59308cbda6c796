"""Which variables of services at Railway are led from the superuser's address to the application's."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from app.applications.schemas import ConsumerMove
from app.connections.application_variables import VariableNames, address_for_others
from app.connections.models import Application
from app.consumers.schemas import WriteConsumer
from app.databases.referrers import Surroundings
from app.providers.railway.references import Reference
from app.providers.railway.rewriting import reference

_URL = "DATABASE_URL"
_UNPOOLED = "DATABASE_UNPOOLED_URL"
_PUBLIC = "DATABASE_PUBLIC_URL"
_PUBLIC_UNPOOLED = "DATABASE_PUBLIC_UNPOOLED_URL"
# What says who somebody is, by itself or in an address.
_LOGIN = ("URL", "USER", "PASSWORD")


def moves(service_id: str, around: Surroundings, application: Application) -> list[ConsumerMove]:
    """Every variable with the superuser's login in it, and what becomes of it. ``service_id``: the database's own."""
    own, before = around.name_of(service_id) or "", list(_before(around))
    found = []
    for one in around.references_to(own, *before):
        if around.name_of(one.service_id) in (own, *before) or not _tells_login(one):
            continue
        after = _after(one, own, around, application)
        found.append(
            ConsumerMove(
                service=around.name_of(one.service_id),
                variable=one.variable,
                before=f"{one.target_service_name}.{one.target_variable}",
                after=after,
                reason=_obstacle(one, own, application) if after is None else None,
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
        yield WriteConsumer(
            database_id=database_id,
            service_id=service_id,
            service_name=move.service,
            variable=move.variable,
            value=move.after,
            redeploy=redeploy,
        )


def warnings_about_left(found: Sequence[ConsumerMove]) -> list[str]:
    """What still logs in as the superuser, and what to do about it."""
    left: dict[str, list[str]] = {}
    for move in found:
        if move.reason is not None:
            left.setdefault(move.reason, []).append(f"{move.service or 'shared'}.{move.variable}")
    return [
        f"Left with the superuser's login: {', '.join(dict.fromkeys(names))}. {reason}"
        for reason, names in left.items()
    ]


def references_to_application(service_id: str, around: Surroundings, application: Application) -> list[str]:
    """As ``service.variable``."""
    names = VariableNames.of(application).all()
    return sorted(
        {
            f"{around.name_of(one.service_id) or 'shared'}.{one.variable}"
            for one in around.references_to(around.name_of(service_id) or "")
            if one.target_variable in names
        }
    )


def _tells_login(one: Reference) -> bool:
    return one.target_variable.endswith(_LOGIN) and not one.target_variable.startswith(("APP_", "DATABASE_APP_"))


def _after(one: Reference, own: str, around: Surroundings, application: Application) -> str | None:
    """The same way to the server with the application's login. None where that cannot be told for sure."""
    if one.service_id is None or not one.is_whole:
        return None
    pooler = around.name_of(around.plugins.pooler_service_id) if around.plugins else None
    is_pooled = pooler is not None and (one.target_service_name == pooler or one.target_variable in (_URL, _PUBLIC))
    if is_pooled and one.target_variable == _URL:
        return address_for_others(own, application, host=f"{reference(pooler or '', 'RAILWAY_PRIVATE_DOMAIN')}:5432")
    if not is_pooled and one.target_variable in (_PUBLIC, _PUBLIC_UNPOOLED):
        proxy = [reference(one.target_service_name, f"RAILWAY_TCP_PROXY_{part}") for part in ("DOMAIN", "PORT")]
        return address_for_others(own, application, host=":".join(proxy))
    if not is_pooled and one.target_variable in (_URL, _UNPOOLED):
        return reference(own, VariableNames.of(application).url)
    return None


def _obstacle(one: Reference, own: str, application: Application) -> str:
    names = VariableNames.of(application)
    if one.service_id is None:
        return (
            "The environment shares it with all its services: at Railway, lead it to "
            f"{reference(own, names.url)} yourself once each of them may use the application's login."
        )
    user, password, url = (reference(own, name) for name in names.all())
    what = "It is more than an address by itself, or a part of one"
    if one.is_whole and one.target_variable.endswith("_URL"):
        what = "It leads through PgBouncer or over a public address, for which the application has no variable"
    return f"{what}: at Railway, put {user} and {password} in place of the superuser's, or lead it to {url}, which is private."


def _before(around: Surroundings) -> Iterator[str]:
    """What the platform put before the server refers to it as a matter of course."""
    plugins = around.plugins
    if plugins is not None:
        members = plugins.cluster.members if plugins.cluster else []
        for service_id in (plugins.pooler_service_id, *(member.service_id for member in members)):
            if (name := around.name_of(service_id)) is not None:
                yield name
