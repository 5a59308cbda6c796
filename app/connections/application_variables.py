"""The variables by which services at Railway find an application's login, on the service of its database.

Consumers refer to them, as in ``${{Postgres.DATABASE_APP_URL}}``, so a rotation changes one service's variables and no
consumer's. Nothing here deploys anything.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from pydantic import SecretStr

from app.connections.logins import open_login_password
from app.connections.models import Application, Login
from app.databases.changing import changing
from app.databases.places import Site
from app.databases.referrers import Surroundings, last_seen
from app.providers.railway import variables
from app.providers.railway.rewriting import reference
from app.railway.capabilities import Capability
from app.runtime import Runtime

# The application of most databases is named so, and has the names that are written about.
_USUAL: Final = "app"
_NOT_IN_NAMES: Final = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class VariableNames:
    user: str
    password: str
    url: str

    @classmethod
    def of(cls, application: Application) -> "VariableNames":
        """``APP_USER``, ``APP_PASSWORD`` and ``DATABASE_APP_URL``; of an application ``web``: ``APP_WEB_USER``, and so on.

        A name that no variable can have gets a part of the application's id, so that two of them never meet.
        """
        if application.name == _USUAL:
            return cls("APP_USER", "APP_PASSWORD", "DATABASE_APP_URL")
        upper = application.name.upper()
        word = _NOT_IN_NAMES.sub("_", upper).strip("_")
        if word != upper:
            word = f"{word}_{application.id.hex[-6:].upper()}".lstrip("_")
        return cls(f"APP_{word}_USER", f"APP_{word}_PASSWORD", f"DATABASE_APP_{word}_URL")

    def all(self) -> tuple[str, str, str]:
        return self.user, self.password, self.url


async def write_application_variables(
    runtime: Runtime, site: Site, application: Application, login: Login, *, password: SecretStr | None = None
) -> None:
    """Makes ``login`` the one that the variables name, all three in one request. May be repeated after anything.

    ``password``: one that its row does not have yet as its own. The caller holds the environment (``ChangeSteps.hold``).
    Raises RailwayProblem.
    """
    password = password or open_login_password(login, runtime.key_ring)
    assert password is not None, "only a login whose password is on record is told to anybody"
    names = VariableNames.of(application)
    door = door_of(await last_seen(runtime, site))
    values = {
        names.user: login.role,
        names.password: password.get_secret_value(),
        names.url: url_template(names, login.role, application.logical_database, door=door),
    }
    async with changing(runtime, site, Capability.VARIABLES_WRITE):
        await variables.upsert(site.client, site.place, values)


async def role_of_variables(site: Site, application: Application) -> str | None:
    """Whom they name now; None while there are none."""
    return (await variables.unrendered(site.client, site.place)).get(VariableNames.of(application).user)


def door_of(around: Surroundings) -> str | None:
    """The service by which a cluster is entered, whoever of its members leads; None for a server that stands alone."""
    cluster = around.plugins.cluster if around.plugins else None
    members = cluster.members if cluster else []
    return next((member.service_name for member in members if member.role == "edge"), None)


def url_template(names: VariableNames, role: str, logical_database: str, *, door: str | None = None) -> str:
    """Composed by reference like the template's own ``DATABASE_URL``, of which Railway escapes nothing.

    So a role that a URL cannot hold as it is stands in it escaped; passwords of ours need that nowhere.
    """
    user = quote(role, safe="")
    if user == role:
        user = f"${{{{{names.user}}}}}"
    host = reference(door, "RAILWAY_PRIVATE_DOMAIN") if door else "${{RAILWAY_PRIVATE_DOMAIN}}"
    return f"postgresql://{user}:${{{{{names.password}}}}}@{host}:5432/{quote(logical_database, safe='')}"


def address_for_others(service: str, application: Application, *, host: str) -> str | None:
    """For another service's variable, by a way of its own. ``host`` is made of references, and has the port.

    None where a URL cannot hold the login's name as it is: escaped it would not follow a rotation.
    """
    if quote(application.name, safe="") != application.name:
        return None
    names = VariableNames.of(application)
    login = f"{reference(service, names.user)}:{reference(service, names.password)}"
    return f"postgresql://{login}@{host}/{quote(application.logical_database, safe='')}"
