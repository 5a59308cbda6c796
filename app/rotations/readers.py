"""Which services at Railway have a login in their variables, and so need a deployment to see another password."""

from collections.abc import Collection, Sequence

from pydantic import BaseModel, ConfigDict

from app.connections.application_variables import VariableNames
from app.databases.places import Site
from app.databases.referrers import Surroundings
from app.rotations.errors import RotationImpossible, ServiceUnknown
from app.rotations.schemas import RedeployWish
from app.rotations.subjects import Subject

# A host or a port does not change with a password.
_SECRET = ("URL", "PASSWORD")


class Reader(BaseModel):
    model_config = ConfigDict(frozen=True)

    service_id: str
    name: str


def readers_of(
    subject: Subject, site: Site, around: Surroundings, wish: RedeployWish, services: Sequence[str] | None
) -> list[Reader]:
    """Those to deploy, in their order. A pooler at Railway, which is told passwords by variables, is the first.

    Raises ServiceUnknown.
    """
    if wish is RedeployWish.LEAVE:
        return []
    if services is not None:
        found = {name: around.named(name) for name in services}
        if unknown := [name for name, service_id in found.items() if service_id is None]:
            raise ServiceUnknown(unknown, around.environment_name)
        chosen = [service_id for service_id in found.values() if service_id is not None]
    else:
        chosen = sorted(_readers(subject, site, around), key=lambda one: (around.name_of(one) or "", one))
    first = [pooler] if subject.is_superuser and (pooler := _pooler(around)) is not None else []
    return [Reader(service_id=one, name=around.name_of(one) or one) for one in dict.fromkeys([*first, *chosen])]


def shared_readers(subject: Subject, site: Site, around: Surroundings) -> list[str]:
    """Variables that the environment shares with all its services: who of them uses one cannot be told."""
    return sorted(
        {
            one.variable
            for one in around.references_to(*_names(site, around))
            if one.service_id is None and _is_meant(subject, one.target_variable)
        }
    )


def require_standalone(around: Surroundings) -> None:
    """Raises RotationImpossible."""
    if around.plugins is not None and around.plugins.cluster is not None:
        raise RotationImpossible(
            "The server is part of a highly available cluster, which keeps the password of its superuser in every member "
            "and ignores the variable: only the cluster's own health server changes it. Rotate it in Railway's dashboard "
            "(Database, Config), and give applications logins of their own (POST /v1/databases/{id}:harden), which rotate "
            "here."
        )


def _readers(subject: Subject, site: Site, around: Surroundings) -> set[str]:
    # What the platform put before the database refers to it as a matter of course.
    apart: set[str | None] = {None, site.place.service(), _pooler(around), *_members(around)}
    return {
        one.service_id
        for one in around.references_to(*_names(site, around))
        if one.service_id is not None and one.service_id not in apart and _is_meant(subject, one.target_variable)
    }


def _is_meant(subject: Subject, variable: str) -> bool:
    if subject.application is not None:
        return variable in VariableNames.of(subject.application).all()
    return variable.endswith(_SECRET) and not variable.startswith(("APP_", "DATABASE_APP_"))


def _names(site: Site, around: Surroundings) -> list[str]:
    """Of the services whose variables tell the password."""
    doors = (site.place.service(), _pooler(around), *_members(around))
    return [name for one in doors if one is not None and (name := around.name_of(one)) is not None]


def _pooler(around: Surroundings) -> str | None:
    return around.plugins.pooler_service_id if around.plugins else None


def _members(around: Surroundings) -> Collection[str]:
    cluster = around.plugins.cluster if around.plugins else None
    return [member.service_id for member in cluster.members] if cluster else []
